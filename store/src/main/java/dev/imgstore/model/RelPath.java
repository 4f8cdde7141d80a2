package dev.imgstore.model;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A file of the store, relative to its root: plain ASCII components joined by {@code /}. No
 * absolute path and no {@code ..} can be said. The root itself is {@link #ROOT}.
 */
public record RelPath(String value) implements Comparable<RelPath> {
  private static final String DOT = ".";
  private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_@+=,-][A-Za-z0-9._@+=,-]*");

  /** The root of the store, a directory without a name. */
  public static final RelPath ROOT = new RelPath(DOT);

  /** Refuses empty components, leading dots, and anything but plain ASCII. */
  public RelPath {
    Objects.requireNonNull(value);
    for (String component : value.split("/", -1)) {
      if (value.equals(DOT)) {
        break;
      }
      if (component.length() > 255 || !COMPONENT.matcher(component).matches()) {
        throw new IllegalArgumentException("not a path inside a store: " + value);
      }
    }
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

  @Override
  public int compareTo(RelPath other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
