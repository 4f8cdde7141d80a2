package dev.imgstore.builder.disk.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * CRC-32C as ext4 takes it (Documentation/filesystems/ext4/checksums.rst): it goes on from any
 * state, and neither the first nor the last state is inverted. The JDK's starts at one state only,
 * so each run is led there by four bytes that bring it to the wanted one: the JDK's is done by the
 * processor.
 */
final class Crc32c {
  /** What most checksums of ext4 start from. */
  static final int START = -1;

  private static final int POLYNOMIAL = 0x82F63B78; // reflected
  private static final int[] TABLE = new int[256];
  private static final int[] BY_TOP = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : POLYNOMIAL);
      }
      TABLE[i] = crc;
      BY_TOP[crc >>> 24] = i;
    }
  }

  private Crc32c() {}

  /** The state after these bytes. */
  static int of(int state, byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    int back = state;
    for (int i = 0; i < 4; i++) {
      int index = BY_TOP[back >>> 24];
      back = (back ^ TABLE[index]) << 8 | index;
    }
    back = ~back;
    crc.update(back);
    crc.update(back >>> 8);
    crc.update(back >>> 16);
    crc.update(back >>> 24);
    crc.update(bytes, from, length);
    return ~(int) crc.getValue();
  }

  /** The state after all of these bytes. */
  static int of(int state, byte[] bytes) {
    return of(state, bytes, 0, bytes.length);
  }

  /** The state after a number of 32 bits. */
  static int ofInt(int state, int number) {
    return of(state, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
  }

  /** The state after a number of 64 bits. */
  static int ofLong(int state, long number) {
    return of(state, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array());
  }
}
