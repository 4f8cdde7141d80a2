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

  private final VolumeSink sink;
  private final byte[] buffer = new byte[SIZE];
  private long start;
  private int length;

  BlockOutput(VolumeSink sink) {
    this.sink = sink;
  }

  /** Bytes at an offset that no earlier one reached. */
  void write(long offset, byte[] bytes, int from, int count) throws IOException {
    if (offset < start + length) {
      throw new IllegalStateException("offset " + offset + " was passed at " + (start + length));
    }
    goTo(offset);
    if (count >= SIZE && length == 0) {
      sink.write(offset, bytes, from, count);
      start += count;
      return;
    }
    int done = 0;
    while (done < count) {
      int some = Math.min(count - done, SIZE - length);
      System.arraycopy(bytes, from + done, buffer, length, some);
      length += some;
      done += some;
      if (length == SIZE) {
        flush();
      }
    }
  }

  /**
   * A gap inside a block is filled, so that files with ends between blocks are one run; a larger
   * one is left out.
   */
  private void goTo(long offset) throws IOException {
    long gap = offset - start - length;
    if (gap > 0 && gap < Structure.BLOCK && length + gap < SIZE) {
      Arrays.fill(buffer, length, length + (int) gap, (byte) 0);
      length += (int) gap;
    } else if (gap > 0) {
      flush();
      start = offset;
    }
  }

  /** Gives away what is held. */
  void flush() throws IOException {
    if (length > 0) {
      sink.write(start, buffer, 0, length);
      start += length;
      length = 0;
    }
  }
}
