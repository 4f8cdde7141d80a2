package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;

/**
 * Extended attributes as they stand behind an inode: struct erofs_xattr_ibody_header, and an
 * erofs_xattr_entry with name and value for each. None are shared between inodes.
 */
final class Attributes {
  private static final int HEADER = 12;
  private static final int ENTRY = 4;
  private static final int UNIT = 4;

  /** What an inode's count of attribute units can say. */
  private static final int MOST = HEADER + (0xffff - 1) * UNIT;

  private static final int MOST_VALUE = 0xffff;

  private Attributes() {}

  /**
   * All of them as bytes.
   *
   * @throws IllegalArgumentException if EROFS has no such attribute, or no room
   */
  static Bytes of(SortedMap<Name, Bytes> attributes) {
    if (attributes.isEmpty()) {
      return Bytes.EMPTY;
    }
    long size = HEADER;
    for (Map.Entry<Name, Bytes> each : attributes.entrySet()) {
      size += entrySize(suffix(each.getKey()).length(), each.getValue().length());
    }
    if (size > MOST) {
      throw new IllegalArgumentException(
          "its attributes take " + size + " bytes and there is room for " + MOST + "; remove some");
    }
    Block out = Block.little((int) size).at(HEADER);
    for (Map.Entry<Name, Bytes> each : attributes.entrySet()) {
      put(out, each.getKey(), each.getValue());
    }
    return Bytes.of(out.array());
  }

  private static void put(Block out, Name name, Bytes value) {
    if (value.length() > MOST_VALUE) {
      throw new IllegalArgumentException(
          "its attribute " + name + " has " + value.length() + " bytes, at most " + MOST_VALUE);
    }
    int start = out.position();
    Bytes suffix = suffix(name);
    out.u8(suffix.length()).u8(prefix(name)).u16(value.length());
    out.bytes(suffix.toArray()).bytes(value.toArray());
    out.at(start + entrySize(suffix.length(), value.length()));
  }

  private static int entrySize(int name, int value) {
    return (int) Structure.up((long) ENTRY + name + value, UNIT);
  }

  /** The number that an inode has for this many bytes of attributes. */
  static int count(Bytes attributes) {
    return 1 + (attributes.length() - HEADER) / UNIT;
  }

  private static String text(Name name) {
    return new String(name.bytes().toArray(), StandardCharsets.ISO_8859_1);
  }

  /** EROFS_XATTR_INDEX_*: access lists are kept as Linux hands them out. */
  private static int prefix(Name name) {
    String text = text(name);
    String first = text.substring(0, text.indexOf('.') + 1);
    int number =
        switch (first) {
          case "user." -> 1;
          case "trusted." -> 4;
          case "security." -> 6;
          case "system." ->
              switch (text) {
                case "system.posix_acl_access" -> 2;
                case "system.posix_acl_default" -> 3;
                default -> 0;
              };
          default -> 0;
        };
    boolean isWhole = number == 2 || number == 3;
    if (number == 0 || (!isWhole && first.length() == text.length())) {
      throw new IllegalArgumentException(
          "its attribute "
              + name
              + " cannot be kept: EROFS has attributes whose names begin with user., trusted. or"
              + " security. and access control lists");
    }
    return number;
  }

  private static Bytes suffix(Name name) {
    int prefix = prefix(name);
    if (prefix == 2 || prefix == 3) {
      return Bytes.EMPTY;
    }
    int from = text(name).indexOf('.') + 1;
    byte[] all = name.bytes().toArray();
    return Bytes.of(all, from, all.length - from);
  }
}
