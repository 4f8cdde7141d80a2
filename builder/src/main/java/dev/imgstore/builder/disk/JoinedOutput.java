package dev.imgstore.builder.disk;

import java.io.IOException;
import java.util.Arrays;

/**
 * Joins what follows one another to larger writes, also over gaps of less than 4 KiB, which are
 * filled with zeros. For one thread; {@link #flush} when all is written.
 */
public final class JoinedOutput implements VolumeSink {
  private static final int SIZE = 128 << 10;
  private static final int GAP = 4096;

  private final VolumeSink sink;
  private final byte[] buffer = new byte[SIZE];
  private long start;
  private int length;

  /** Hands on to this one. */
  public JoinedOutput(VolumeSink sink) {
    this.sink = sink;
  }

  @Override
  public void write(long offset, byte[] bytes, int from, int count) throws IOException {
    if (offset < start + length) {
      throw new IllegalStateException("offset " + offset + " was passed at " + (start + length));
    }
    goTo(offset);
    if (count >= SIZE) {
      flush();
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

  private void goTo(long offset) throws IOException {
    long gap = offset - start - length;
    if (gap > 0 && gap < GAP && length + gap < SIZE) {
      Arrays.fill(buffer, length, length + (int) gap, (byte) 0);
      length += (int) gap;
    } else if (gap > 0) {
      flush();
      start = offset;
    }
  }

  /** Gives away what is held. */
  public void flush() throws IOException {
    if (length > 0) {
      sink.write(start, buffer, 0, length);
      start += length;
      length = 0;
    }
  }
}
