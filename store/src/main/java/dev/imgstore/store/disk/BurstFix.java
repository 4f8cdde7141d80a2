package dev.imgstore.store.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One byte of a body that has to be another one, as its CRC-32C says. A checksum is linear: what a
 * wrong byte adds to it depends on the byte's difference and on how far it is from the end only. So
 * the difference of two checksums, wound back byte by byte from the end, tells both. It is only a
 * proposal, of which the hash of the blob is the proof.
 *
 * @param at place in the body
 * @param xor what the byte differs by, not 0
 */
record BurstFix(long at, int xor) {
  /** The polynomial of CRC-32C (RFC 3720, appendix B.4), lowest bit first. */
  private static final int POLYNOMIAL = 0x82F63B78;

  private static final int[] TABLE = new int[256];

  /** The byte whose entry of {@link #TABLE} has this top byte; no two have the same. */
  private static final int[] BY_TOP = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) != 0 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
      }
      TABLE[i] = value;
      BY_TOP[value >>> 24] = i;
    }
  }

  /**
   * Every single byte that would explain the difference; seldom more than one.
   *
   * @param found checksum of the bytes as they are
   * @param wanted checksum they should have
   * @param length of the body
   */
  static List<BurstFix> all(int found, int wanted, long length) {
    List<BurstFix> fixes = new ArrayList<>();
    int difference = found ^ wanted;
    if (difference == 0) {
      return fixes;
    }
    for (long at = length - 1; at >= 0; at--) {
      int last = BY_TOP[difference >>> 24];
      if (TABLE[last] == difference) {
        fixes.add(new BurstFix(at, last));
      }
      difference = ((difference ^ TABLE[last]) << 8) | last;
    }
    return fixes;
  }

  /** Puts the byte right in a part of the body that begins at {@code from}. */
  void apply(ByteBuffer part, int position, long from) {
    long index = position + at - from;
    if (at >= from && index < part.position()) {
      part.put((int) index, (byte) (part.get((int) index) ^ xor));
    }
  }
}
