package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.VolumeSink;
import java.io.IOException;
import java.util.Arrays;

/**
 * Joins what follows one another to larger writes. Between two runs of blocks is nothing, which is
 * zero.
 */
final class BlockOutput {
  private static final int SIZE = 128 << 10;
  private static final byte[] NOTHING = new byte[0];

  private final VolumeSink sink;
  private final byte[] buffer = new byte[SIZE];

  /** The end of the last byte that came. */
  private long end;

  /** Bytes that are held, the last of them at {@link #end}: in the buffer, or lent. */
  private int length;

  private byte[] lent = NOTHING;
  private int lentFrom;

  BlockOutput(VolumeSink sink) {
    this.sink = sink;
  }

  /** Bytes at an offset that no earlier one reached. */
  void write(long offset, byte[] bytes, int from, int count) throws IOException {
    giveBack();
    goTo(offset);
    int done = 0;
    while (done < count) {
      int some = Math.min(count - done, SIZE - length);
      System.arraycopy(bytes, from + done, buffer, length, some);
      length += some;
      end += some;
      done += some;
      if (length == SIZE) {
        flush();
      }
    }
  }

  /**
   * As {@link #write}, but the bytes are not copied: they must stay as they are until {@link
   * #giveBack}, and what follows them in the array, up to the end of the block, must be zero.
   */
  void lend(long offset, byte[] bytes, int from, int count) throws IOException {
    if (lent == bytes
        && offset >= end
        && from == lentFrom + length + (offset - end)
        && offset - end < Structure.BLOCK) {
      length += (int) (offset - end) + count;
      end = offset + count;
      return;
    }
    flush();
    goTo(offset);
    lent = bytes;
    lentFrom = from;
    length = count;
    end += count;
  }

  /** Lets go of what {@link #lend} took. */
  void giveBack() throws IOException {
    if (lent != NOTHING) {
      flush();
    }
  }

  /**
   * A gap inside a block is filled, so that files with ends between blocks are one run; a larger
   * one is left out.
   */
  private void goTo(long offset) throws IOException {
    long gap = offset - end;
    if (gap < 0) {
      throw new IllegalStateException("offset " + offset + " was passed at " + end);
    }
    if (gap < Structure.BLOCK && length > 0 && length + gap < SIZE) {
      Arrays.fill(buffer, length, length + (int) gap, (byte) 0);
      length += (int) gap;
    } else {
      flush();
    }
    end = offset;
  }

  /** Gives away what is held. */
  void flush() throws IOException {
    if (length > 0) {
      byte[] bytes = lent == NOTHING ? buffer : lent;
      sink.write(end - length, bytes, lent == NOTHING ? 0 : lentFrom, length);
      length = 0;
    }
    lent = NOTHING;
  }
}
