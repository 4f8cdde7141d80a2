package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;

/**
 * Where a large blob is cut into chunks: FastCDC (Xia et al., USENIX ATC 2016) with normalised
 * chunking. A cut depends only on the 64 bytes before it and on where its chunk began, so that
 * versions of a file share the chunks in which they agree. Pure.
 *
 * <p>Cutting a chunk again leaves it whole; hence a blob is kept as one frame exactly if it is one
 * chunk.
 */
public final class Cutter {
  /** Names the rule with all its numbers; part of every key that names packed bytes. */
  public static final int VERSION = 1;

  /** A blob of at most this many bytes is never cut. */
  public static final int THRESHOLD = 256 << 10;

  /** No chunk is longer. */
  public static final int MAX = 1 << 20;

  /** No chunk but the last is shorter. */
  static final int MIN = 32 << 10;

  /** Before this size a cut is made rarely, after it often, which gathers sizes around it. */
  static final int NORMAL = 128 << 10;

  private static final int NORMAL_BITS = 17;
  private static final int NORMALISATION = 2;
  private static final int RARE = Long.SIZE - (NORMAL_BITS + NORMALISATION);
  private static final int OFTEN = Long.SIZE - (NORMAL_BITS - NORMALISATION);
  private static final long[] GEAR = gear();

  private Cutter() {}

  /** For each byte the first eight bytes, big-endian, of the hash of a word and the byte. */
  private static long[] gear() {
    long[] gear = new long[256];
    byte[] word = "imgstore gear ".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    for (int i = 0; i < gear.length; i++) {
      word[word.length - 1] = (byte) i;
      gear[i] = ByteBuffer.wrap(Digest.of(word).raw()).getLong();
    }
    return gear;
  }

  /**
   * The length of the first chunk of a blob above the threshold, or of what is left of it.
   *
   * @param to there are {@link #MAX} bytes from {@code from} to here, or the blob ends here
   */
  public static int cut(byte[] bytes, int from, int to) {
    int most = Math.min(to - from, MAX);
    if (most <= MIN) {
      return most;
    }
    int normal = Math.min(most, NORMAL);
    long hash = 0;
    int i = MIN;
    for (; i < normal; i++) {
      hash = (hash << 1) + GEAR[bytes[from + i] & 0xff];
      if (hash >>> RARE == 0) {
        return i + 1;
      }
    }
    for (; i < most; i++) {
      hash = (hash << 1) + GEAR[bytes[from + i] & 0xff];
      if (hash >>> OFTEN == 0) {
        return i + 1;
      }
    }
    return most;
  }
}
