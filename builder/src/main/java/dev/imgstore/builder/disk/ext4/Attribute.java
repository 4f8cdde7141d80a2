package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.nio.charset.StandardCharsets;

/**
 * An extended attribute as ext4 stores it: its prefix a number, the rest of the name, and the value
 * (Documentation/filesystems/ext4/attributes.rst).
 */
record Attribute(int prefix, Bytes suffix, Bytes value) implements Comparable<Attribute> {
  /** Bytes of an entry before its name. */
  static final int ENTRY = 16;

  private static final int ACCESS = 2;
  private static final int DEFAULT = 3;

  /**
   * The attribute of a tree.
   *
   * @throws IllegalArgumentException if ext4 has none of that name, or not with that value
   */
  static Attribute of(Name name, Bytes value) {
    String text = new String(name.bytes().toArray(), StandardCharsets.ISO_8859_1);
    if (text.equals("system.posix_acl_access")) {
      return new Attribute(ACCESS, Bytes.EMPTY, AccessList.stored(value));
    }
    if (text.equals("system.posix_acl_default")) {
      return new Attribute(DEFAULT, Bytes.EMPTY, AccessList.stored(value));
    }
    int dot = text.indexOf('.') + 1;
    int prefix = number(text.substring(0, dot));
    if (prefix == 0 || dot == text.length()) {
      throw new IllegalArgumentException(
          "ext4 keeps attributes whose names begin with user., trusted. or security. and access control lists");
    }
    return new Attribute(prefix, Bytes.of(name.bytes().toArray(), dot, text.length() - dot), value);
  }

  private static int number(String prefix) {
    return switch (prefix) {
      case "user." -> 1;
      case "trusted." -> 4;
      case "security." -> 6;
      default -> 0;
    };
  }

  /** Bytes of its entry, which are a multiple of four. */
  int entrySize() {
    return ENTRY + rounded(suffix.length());
  }

  /** Bytes of its value with what fills it up. */
  int valueSize() {
    return rounded(value.length());
  }

  static int rounded(int bytes) {
    return (bytes + 3) & ~3;
  }

  /** The hash that stands in its entry. */
  int hash() {
    int hash = 0;
    for (int i = 0; i < suffix.length(); i++) {
      hash = Integer.rotateLeft(hash, 5) ^ (suffix.at(i) & 0xff);
    }
    byte[] padded = new byte[valueSize()];
    System.arraycopy(value.toArray(), 0, padded, 0, value.length());
    for (int i = 0; i < padded.length; i += 4) {
      hash = Integer.rotateLeft(hash, 16) ^ Structure.wrap(padded).getInt(i);
    }
    return hash;
  }

  /** The order that the kernel looks for them in: prefix, length of the name, name. */
  @Override
  public int compareTo(Attribute other) {
    int order = Integer.compare(prefix, other.prefix);
    if (order == 0) {
      order = Integer.compare(suffix.length(), other.suffix.length());
    }
    return order == 0 ? suffix.compareTo(other.suffix) : order;
  }
}
