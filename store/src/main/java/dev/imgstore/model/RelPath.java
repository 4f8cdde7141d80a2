package dev.imgstore.model;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A file of the store, relative to its root: plain ASCII components joined by {@code /}. No
 * absolute path and no {@code ..} can be said.
 */
public record RelPath(String value) implements Comparable<RelPath> {
  private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_@+=,-][A-Za-z0-9._@+=,-]*");

  /** Refuses empty components, leading dots, and anything but plain ASCII. */
  public RelPath {
    Objects.requireNonNull(value);
    for (String component : value.split("/", -1)) {
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
    return new RelPath(value + "/" + name);
  }

  /** The components, outermost first. */
  public List<String> components() {
    return List.of(value.split("/"));
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
