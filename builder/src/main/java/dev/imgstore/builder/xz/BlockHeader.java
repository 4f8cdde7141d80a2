package dev.imgstore.builder.xz;

import java.util.zip.CRC32;

/**
 * A block's header (The .xz File Format, 1.2.1, section 3.1).
 *
 * @param length of the header itself
 * @param compressed bytes, or -1 where it is not told
 * @param uncompressed bytes, or -1 where it is not told
 * @param dictionary bytes; 0 if the block has other filters than LZMA2
 */
record BlockHeader(int length, long compressed, long uncompressed, long dictionary) {
  private static final int LZMA2 = 0x21;

  /** Reads a header that is there whole. */
  static BlockHeader read(byte[] bytes) throws XzDamage {
    int end = bytes.length - 4;
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, end);
    if ((int) crc.getValue() != littleEndian(bytes, end)) {
      throw new XzDamage("the checksum of a block's header is wrong");
    }
    int flags = bytes[1];
    if ((flags & 0x3c) != 0) {
      throw new XzDamage("a block has unknown flags");
    }
    Numbers in = new Numbers(bytes, 2, end);
    long compressed = (flags & 0x40) != 0 ? in.next() : -1;
    long uncompressed = (flags & 0x80) != 0 ? in.next() : -1;
    boolean plain = (flags & 3) == 0 && in.next() == LZMA2 && in.next() == 1;
    if (!plain) {
      return new BlockHeader(bytes.length, compressed, uncompressed, 0);
    }
    int bits = (int) in.next();
    if (bits > 40) {
      throw new XzDamage("a block's dictionary is too large");
    }
    while (!in.atEnd()) {
      if (in.next() != 0) {
        throw new XzDamage("a block's header is not padded with zeros");
      }
    }
    long dictionary = bits == 40 ? 0xffffffffL : (2L | (bits & 1)) << (bits / 2 + 11);
    return new BlockHeader(bytes.length, compressed, uncompressed, dictionary);
  }

  static int littleEndian(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | (bytes[at + 3] & 0xff) << 24;
  }

  /** Numbers of seven bits a byte, lowest first (section 1.2). */
  private static final class Numbers {
    private final byte[] bytes;
    private final int end;
    private int at;

    Numbers(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    boolean atEnd() {
      return at >= end;
    }

    long next() throws XzDamage {
      long value = 0;
      for (int shift = 0; shift < 63 && at < end; shift += 7) {
        int one = bytes[at++] & 0xff;
        value |= (long) (one & 0x7f) << shift;
        if (one < 0x80) {
          return value;
        }
      }
      throw new XzDamage("a number in a block's header is damaged");
    }
  }
}
