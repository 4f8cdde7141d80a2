package dev.imgstore.builder.tar;

import dev.imgstore.model.Bytes;

/** The fields of one 512-byte header (POSIX pax(1), "ustar Interchange Format"; GNU tar's). */
final class TarHeader {
  static final int BLOCK = 512;

  private static final int MODE = 100;
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int MAJOR = 329;
  private static final int MINOR = 337;
  private static final int PREFIX = 345;

  private final byte[] block;

  TarHeader(byte[] block) {
    this.block = block;
  }

  boolean isZero() {
    for (byte one : block) {
      if (one != 0) {
        return false;
      }
    }
    return true;
  }

  /** True if the stored sum is the sum of the bytes, its own field counted as blanks. */
  boolean hasRightChecksum() throws NumberFormatException {
    int sum = 8 * ' ';
    for (int i = 0; i < BLOCK; i++) {
      if (i < CHECKSUM || i >= CHECKSUM + 8) {
        sum += block[i] & 0xff;
      }
    }
    return sum == number(CHECKSUM, 8);
  }

  char type() {
    return (char) (block[TYPE] & 0xff);
  }

  /** The name, with the prefix where the magic is POSIX's. */
  Bytes name() {
    Bytes name = text(0, MODE);
    boolean posix =
        block[MAGIC] == 'u'
            && block[MAGIC + 1] == 's'
            && block[MAGIC + 2] == 't'
            && block[MAGIC + 3] == 'a'
            && block[MAGIC + 4] == 'r'
            && block[MAGIC + 5] == 0;
    if (!posix || block[PREFIX] == 0) {
      return name;
    }
    Bytes prefix = text(PREFIX, 155);
    byte[] joined = new byte[prefix.length() + 1 + name.length()];
    System.arraycopy(block, PREFIX, joined, 0, prefix.length());
    joined[prefix.length()] = '/';
    System.arraycopy(block, 0, joined, prefix.length() + 1, name.length());
    return Bytes.of(joined);
  }

  Bytes link() {
    return text(LINK, 100);
  }

  long size() {
    return number(SIZE, 12);
  }

  int mode() {
    return (int) number(MODE, 8) & 07777;
  }

  long uid() {
    return number(UID, 8);
  }

  long gid() {
    return number(GID, 8);
  }

  long major() {
    return number(MAJOR, 8);
  }

  long minor() {
    return number(MINOR, 8);
  }

  private Bytes text(int at, int most) {
    int length = 0;
    while (length < most && block[at + length] != 0) {
      length++;
    }
    return Bytes.of(block, at, length);
  }

  /**
   * Octal digits, blanks before and a blank or NUL after; or GNU's base 256 with the top bit set.
   */
  private long number(int at, int length) {
    if ((block[at] & 0x80) != 0) {
      return base256(at, length);
    }
    int i = at;
    int end = at + length;
    while (i < end && block[i] == ' ') {
      i++;
    }
    long value = 0;
    while (i < end && block[i] >= '0' && block[i] <= '7') {
      value = value << 3 | (block[i++] - '0');
    }
    while (i < end && (block[i] == ' ' || block[i] == 0)) {
      i++;
    }
    if (i < end) {
      throw new NumberFormatException("a number in its header is not octal");
    }
    return value;
  }

  private long base256(int at, int length) {
    long value = block[at] & 0x7f;
    if ((value & 0x40) != 0) {
      throw new NumberFormatException("a number in its header is negative");
    }
    for (int i = at + 1; i < at + length; i++) {
      if (value > Long.MAX_VALUE >> 8) {
        throw new NumberFormatException("a number in its header is too large");
      }
      value = value << 8 | (block[i] & 0xff);
    }
    return value;
  }
}
