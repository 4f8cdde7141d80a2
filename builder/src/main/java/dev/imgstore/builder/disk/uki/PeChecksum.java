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
    int i = 0;
    if ((offset & 1) == 1 && length > 0) {
      sum += (bytes[from] & 0xff) << 8;
      i = 1;
    }
    long words = 0;
    for (; i + 1 < length; i += 2) {
      words += (bytes[from + i] & 0xff) | (bytes[from + i + 1] & 0xff) << 8;
    }
    sum += words;
    if (i < length) {
      sum += bytes[from + i] & 0xff;
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
