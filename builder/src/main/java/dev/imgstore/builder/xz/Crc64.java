package dev.imgstore.builder.xz;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** CRC-64 of ECMA-182, reflected, as .xz uses it; eight bytes at a time. */
final class Crc64 {
  private static final long POLYNOMIAL = 0xC96C5795D7870F42L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long[] TABLE = new long[8 * 256];

  static {
    for (int i = 0; i < 256; i++) {
      long value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) == 0 ? value >>> 1 : value >>> 1 ^ POLYNOMIAL;
      }
      TABLE[i] = value;
    }
    for (int i = 256; i < TABLE.length; i++) {
      long value = TABLE[i - 256];
      TABLE[i] = value >>> 8 ^ TABLE[(int) value & 0xff];
    }
  }

  private long crc = -1;

  void reset() {
    crc = -1;
  }

  void update(byte[] bytes, int from, int to) {
    long value = crc;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      value ^= (long) LONGS.get(bytes, at);
      value =
          TABLE[0x700 + ((int) value & 0xff)]
              ^ TABLE[0x600 + ((int) (value >>> 8) & 0xff)]
              ^ TABLE[0x500 + ((int) (value >>> 16) & 0xff)]
              ^ TABLE[0x400 + ((int) (value >>> 24) & 0xff)]
              ^ TABLE[0x300 + ((int) (value >>> 32) & 0xff)]
              ^ TABLE[0x200 + ((int) (value >>> 40) & 0xff)]
              ^ TABLE[0x100 + ((int) (value >>> 48) & 0xff)]
              ^ TABLE[(int) (value >>> 56)];
    }
    for (; at < to; at++) {
      value = value >>> 8 ^ TABLE[(int) (value ^ bytes[at]) & 0xff];
    }
    crc = value;
  }

  long value() {
    return ~crc;
  }
}
