package dev.imgstore.builder.xz;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;

/** The numbers of an index, its padding and its checksum (The .xz File Format, section 4). */
final class IndexReader {
  private final InputStream in;
  private final CRC32 crc = new CRC32();
  private long length = 1;

  /** Begins after the zero byte that marks an index. */
  IndexReader(InputStream in) {
    this.in = in;
    crc.update(0);
  }

  private int next() throws IOException {
    int one = in.read();
    if (one < 0) {
      throw new XzDamage("it ends too early");
    }
    length++;
    return one;
  }

  long number() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int one = next();
      crc.update(one);
      value |= (long) (one & 0x7f) << shift;
      if (one < 0x80) {
        return value;
      }
    }
    throw new XzDamage("a number in its index is damaged");
  }

  /** Checks padding and checksum; gives the whole length. */
  long end() throws IOException {
    while ((length & 3) != 0) {
      int zero = next();
      crc.update(zero);
      if (zero != 0) {
        throw new XzDamage("its index is not padded with zeros");
      }
    }
    int told = 0;
    for (int i = 0; i < 4; i++) {
      told |= next() << (8 * i);
    }
    if (told != (int) crc.getValue()) {
      throw new XzDamage("the checksum of its index is wrong");
    }
    return length;
  }
}
