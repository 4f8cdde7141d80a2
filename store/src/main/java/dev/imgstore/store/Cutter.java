package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a large blob is cut into chunks: FastCDC (Xia et al., USENIX ATC 2016) with normalised
 * chunking. Whether a place is wanted depends on the 64 bytes before it only, so versions of a file
 * share the chunks in which they agree. The numbers and how they were chosen are in {@code
 * docs/design/measurements/cutting-rule.md}. Pure.
 */
public final class Cutter {
  /** Names the rule with all its numbers; part of every key that names packed bytes. */
  public static final int VERSION = 1;

  /** A blob of at most this many bytes is one chunk, and no chunk is longer. */
  public static final int MAX = 128 << 10;

  private static final int MIN = 16 << 10;
  private static final int AVERAGE = 64 << 10;

  /** Bytes on which a place depends: each is shifted out of the hash after so many. */
  private static final int WINDOW = 64;

  /** Below the average a cut is wanted where the top 18 bits are zero, from there on the top 14. */
  private static final int RARE = Long.SIZE - 18;

  private static final int OFTEN = Long.SIZE - 14;
  private static final long[] GEAR = gear();

  private Cutter() {}

  private static long[] gear() {
    long[] gear = new long[256];
    for (int i = 0; i < gear.length; i++) {
      byte[] word = ("imgstore gear 1 " + i).getBytes(StandardCharsets.US_ASCII);
      gear[i] = ByteBuffer.wrap(Digest.of(word).raw()).getLong();
    }
    return gear;
  }

  /**
   * The length of the first chunk of a blob of more than {@link #MAX} bytes, or of what is left of
   * it.
   *
   * @param to there are {@link #MAX} bytes from {@code from} to here, or the blob ends here
   */
  public static int cut(byte[] bytes, int from, int to) {
    int left = to - from;
    if (left <= MIN) {
      return left;
    }
    int average = from + Math.min(left, AVERAGE);
    int most = from + Math.min(left, MAX);
    long hash = 0;
    int i = from + MIN - WINDOW;
    for (; i < from + MIN; i++) {
      hash = (hash << 1) + GEAR[bytes[i] & 0xff];
    }
    for (; i < average; i++) {
      hash = (hash << 1) + GEAR[bytes[i] & 0xff];
      if (hash >>> RARE == 0) {
        return i + 1 - from;
      }
    }
    for (; i < most; i++) {
      hash = (hash << 1) + GEAR[bytes[i] & 0xff];
      if (hash >>> OFTEN == 0) {
        return i + 1 - from;
      }
    }
    return most - from;
  }
}
