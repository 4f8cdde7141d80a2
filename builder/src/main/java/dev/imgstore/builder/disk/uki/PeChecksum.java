package dev.imgstore.builder.disk.uki;

import dev.imgstore.builder.disk.VolumeSink;

/**
 * The checksum of a PE file (PE Format, "CheckSum"): the sum of all 16-bit words with the carry
 * added again, and the file's length. The field itself is zero while it is made.
 */
final class PeChecksum implements VolumeSink {
  private long sum;

  @Override
  public void write(long offset, byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      int value = bytes[from + i] & 0xff;
      sum += ((offset + i) & 1) == 0 ? value : (long) value << 8;
    }
  }

  int of(long fileSize) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) (folded + fileSize);
  }
}
