package dev.imgstore.model;

import java.util.Objects;

/**
 * One component of a path in a tree, or the name of an extended attribute: 1 to 255 bytes, neither
 * {@code /} nor NUL among them, and not {@code .} or {@code ..}. Ordered by unsigned bytes.
 */
public record Name(Bytes bytes) implements Comparable<Name> {
  /** Longest name Linux file systems take. */
  public static final int MAX_LENGTH = 255;

  /** Refuses what cannot be a name on a Linux file system. */
  public Name {
    Objects.requireNonNull(bytes);
    if (bytes.length() == 0 || bytes.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a name has 1 to 255 bytes, not " + bytes.length());
    }
    for (int i = 0; i < bytes.length(); i++) {
      if (bytes.at(i) == 0 || bytes.at(i) == '/') {
        throw new IllegalArgumentException("a name holds neither / nor NUL: " + bytes);
      }
    }
    if (bytes.at(0) == '.'
        && (bytes.length() == 1 || (bytes.length() == 2 && bytes.at(1) == '.'))) {
      throw new IllegalArgumentException("a name is not . or ..");
    }
  }

  /** The name with these characters in UTF-8. */
  public static Name of(String text) {
    return new Name(Bytes.utf8(text));
  }

  /** Written out, as is {@link #equals}: a record's own are linked at run time, at every start. */
  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name name && bytes.equals(name.bytes);
  }

  @Override
  public int compareTo(Name other) {
    return bytes.compareTo(other.bytes);
  }

  /** For people; malformed UTF-8 shows as U+FFFD. */
  @Override
  public String toString() {
    return bytes.text();
  }
}
