package dev.imgstore.model;

import java.util.List;

/**
 * A file of the store, relative to its root: plain ASCII components joined by {@code /}. No
 * absolute path and no {@code ..} can be said. The root itself is {@link #ROOT}.
 */
public record RelPath(String value) implements Comparable<RelPath> {
  private static final String DOT = ".";
  private static final int LONGEST = 255;

  /** The root of the store, a directory without a name. */
  public static final RelPath ROOT = new RelPath(DOT);

  /** Refuses empty components, leading dots, and anything but plain ASCII. */
  public RelPath {
    if (!value.equals(DOT)) {
      int start = 0;
      for (int i = 0; i <= value.length(); i++) {
        if (i == value.length() || value.charAt(i) == '/') {
          if (i == start || i - start > LONGEST || value.charAt(start) == '.') {
            throw bad(value);
          }
          start = i + 1;
        } else if (!isPlain(value.charAt(i))) {
          throw bad(value);
        }
      }
    }
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "._@+=,-".indexOf(c) >= 0;
  }

  private static IllegalArgumentException bad(String value) {
    return new IllegalArgumentException("not a path inside a store: " + value);
  }

  /** The path of these components. */
  public static RelPath of(String first, String... more) {
    return more.length == 0
        ? new RelPath(first)
        : new RelPath(first + "/" + String.join("/", more));
  }

  /** The path of {@code name} in this directory. */
  public RelPath child(String name) {
    return isRoot() ? new RelPath(name) : new RelPath(value + "/" + name);
  }

  /** The directory that holds this name; {@link #ROOT} has none. */
  public RelPath parent() {
    if (isRoot()) {
      throw new IllegalArgumentException("nothing of a store is above its root");
    }
    int slash = value.lastIndexOf('/');
    return slash < 0 ? ROOT : new RelPath(value.substring(0, slash));
  }

  /** The last component; {@link #ROOT} has none. */
  public String name() {
    if (isRoot()) {
      throw new IllegalArgumentException("the root of a store has no name");
    }
    return value.substring(value.lastIndexOf('/') + 1);
  }

  /** True for {@link #ROOT}. */
  public boolean isRoot() {
    return value.equals(DOT);
  }

  /** The components, outermost first; none for {@link #ROOT}. */
  public List<String> components() {
    return isRoot() ? List.of() : List.of(value.split("/"));
  }

  /** Written out, as is {@link #equals}: a record's own are linked at run time, at every start. */
  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RelPath path && value.equals(path.value);
  }

  @Override
  public int compareTo(RelPath other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
