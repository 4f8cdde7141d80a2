package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import java.io.IOException;
import java.math.BigInteger;

/**
 * A tar (POSIX.1-1988, ustar) of plain files whose places are known before all their bytes are:
 * owner 0, mode 0644, one constant time. Sizes from 8 GiB are in base 256, as GNU and libarchive
 * have them.
 */
final class TarFile {
  static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int CHECKSUM_AT = 148;

  /** 1 January 1980, as in all archives we write. */
  private static final long TIME = 315_532_800;

  private static final long OCTAL_SIZES = 1L << 33;

  private final ContainerSink out;
  private long end;

  TarFile(ContainerSink out) {
    this.out = out;
  }

  /** Leaves room for the header and bytes of a file; returns where the header goes. */
  long reserve(long size) {
    long header = end;
    end += BLOCK + padded(size);
    return header;
  }

  /** Puts a file into the room that {@link #reserve} left. */
  void put(long header, String name, byte[] bytes) throws IOException {
    out.write(header, header(name, bytes.length));
    out.write(header + BLOCK, bytes);
  }

  void add(String name, byte[] bytes) throws IOException {
    put(reserve(bytes.length), name, bytes);
  }

  /** Adds a file whose size is known when its bytes are written; returns the size. */
  long add(String name, Content content) throws IOException {
    long start = end;
    long size =
        content.write(
            (at, bytes, from, length) -> out.write(start + BLOCK + at, bytes, from, length));
    out.write(start, header(name, size));
    reserve(size);
    return size;
  }

  /** Writes the bytes of a file and returns their number. */
  interface Content {
    long write(ContainerSink sink) throws IOException;
  }

  /** Two blocks of zeros end a tar; returns its size. */
  long end() {
    return end + 2 * BLOCK;
  }

  private static long padded(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private static byte[] header(String name, long size) {
    if (name.length() > NAME) {
      throw new IllegalArgumentException("a name in this tar has at most 100 bytes: " + name);
    }
    Block out = Block.big(BLOCK).ascii(name).at(NAME);
    out.ascii("0000644\0").ascii("0000000\0").ascii("0000000\0");
    out.bytes(number(size)).ascii(octal(TIME)).ascii("        0").at(257);
    out.ascii("ustar\0").ascii("00").at(329).ascii("0000000\0").ascii("0000000\0");
    int sum = 0;
    for (byte b : out.array()) {
      sum += b & 0xff;
    }
    String digits = Integer.toOctalString(sum);
    return out.at(CHECKSUM_AT).ascii("0".repeat(6 - digits.length()) + digits + "\0 ").array();
  }

  private static byte[] number(long size) {
    if (size < OCTAL_SIZES) {
      return Block.big(12).ascii(octal(size)).array();
    }
    byte[] raw = BigInteger.valueOf(size).toByteArray();
    return Block.big(12).u8(0x80).at(12 - raw.length).bytes(raw).array();
  }

  private static String octal(long value) {
    String digits = Long.toOctalString(value);
    return "0".repeat(11 - digits.length()) + digits + "\0";
  }
}
