package dev.imgstore.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A place in a tree: names from the root down. No names at all is the root itself. There is no way
 * to say {@code ..}.
 */
public record TreePath(List<Name> names) implements Comparable<TreePath> {
  /** The root. */
  public static final TreePath ROOT = new TreePath(List.of());

  /** Copies the names in. */
  public TreePath {
    names = List.copyOf(names);
  }

  /**
   * Reads {@code /usr/bin/x}, {@code usr/bin/x} or {@code ./usr/bin/x/}; empty and {@code .}
   * components are dropped, {@code ..} is refused.
   *
   * @throws IllegalArgumentException if a component is no {@link Name}
   */
  public static TreePath parse(Bytes path) {
    byte[] raw = path.toArray();
    List<Name> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= raw.length; i++) {
      if (i == raw.length || raw[i] == '/') {
        int length = i - start;
        if (length > 0 && !(length == 1 && raw[start] == '.')) {
          names.add(new Name(Bytes.of(raw, start, length)));
        }
        start = i + 1;
      }
    }
    return new TreePath(names);
  }

  /** {@link #parse(Bytes)} of the text in UTF-8. */
  public static TreePath of(String path) {
    return parse(Bytes.utf8(path));
  }

  /** True for the root. */
  public boolean isRoot() {
    return names.isEmpty();
  }

  /** The last name; empty for the root. */
  public Optional<Name> last() {
    return names.isEmpty() ? Optional.empty() : Optional.of(names.get(names.size() - 1));
  }

  /** The directory this is in; the root is in itself. */
  public TreePath parent() {
    return names.isEmpty() ? this : new TreePath(names.subList(0, names.size() - 1));
  }

  /** The path of {@code name} in this directory. */
  public TreePath child(Name name) {
    List<Name> longer = new ArrayList<>(names);
    longer.add(name);
    return new TreePath(longer);
  }

  /** True if this is {@code other} or inside it. */
  public boolean startsWith(TreePath other) {
    return names.size() >= other.names.size()
        && names.subList(0, other.names.size()).equals(other.names);
  }

  /** By names in turn, so that a directory comes before what is in it. */
  @Override
  public int compareTo(TreePath other) {
    int shared = Math.min(names.size(), other.names.size());
    for (int i = 0; i < shared; i++) {
      int order = names.get(i).compareTo(other.names.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(names.size(), other.names.size());
  }

  /** {@code usr/bin/x}: no leading slash, joined by slashes; the root is empty. */
  public Bytes bytes() {
    int length = Math.max(0, names.size() - 1);
    for (Name name : names) {
      length += name.bytes().length();
    }
    byte[] joined = new byte[length];
    int at = 0;
    for (Name name : names) {
      if (at > 0) {
        joined[at++] = '/';
      }
      byte[] one = name.bytes().toArray();
      System.arraycopy(one, 0, joined, at, one.length);
      at += one.length;
    }
    return Bytes.of(joined);
  }

  /** For people: {@code /usr/bin/x}. */
  @Override
  public String toString() {
    return names.stream().map(Name::toString).collect(Collectors.joining("/", "/", ""));
  }
}
