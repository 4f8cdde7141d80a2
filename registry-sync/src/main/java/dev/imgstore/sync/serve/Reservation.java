package dev.imgstore.sync.serve;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of one blob on its way, taken from what all of them may have together before they are
 * written anywhere, and given back when the blob has come or is given up. Safe for many threads.
 */
final class Reservation implements Closeable {
  private final AtomicLong shared;
  private final Limits limits;
  private final long end;
  private long own;
  private boolean isClosed;

  /**
   * Nothing so far.
   *
   * @param shared bytes that all have together
   */
  Reservation(AtomicLong shared, Limits limits) {
    this.shared = shared;
    this.limits = limits;
    this.end = System.nanoTime() + limits.uploadAge().toNanos();
  }

  /** The blob is longer than any may be. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1;

    TooLong() {
      super("the body is longer than what is taken");
    }
  }

  /** All of them together are too much, or this one takes too long. */
  static final class NoRoom extends IOException {
    private static final long serialVersionUID = 1;

    NoRoom(String message) {
      super(message);
    }
  }

  /** True if it has lasted as long as any may. */
  boolean isOver() {
    return System.nanoTime() - end > 0;
  }

  /** Fails if so many more bytes are not to be had, which need not come. */
  synchronized void require(long more) throws IOException {
    if (more > limits.blob() - own) {
      throw new TooLong();
    }
    if (more > limits.staged() - shared.get()) {
      throw new NoRoom("too much is being uploaded; try later");
    }
  }

  private synchronized void take(long more) throws IOException {
    if (isClosed || isOver()) {
      throw new NoRoom("the upload took longer than " + brief(limits.uploadAge()));
    }
    if (more > limits.blob() - own) {
      throw new TooLong();
    }
    if (shared.addAndGet(more) > limits.staged()) {
      shared.addAndGet(-more);
      throw new NoRoom("too much is being uploaded; try later");
    }
    own += more;
  }

  private static String brief(Duration time) {
    return time.toMinutes() + " minutes";
  }

  /** Gives back what is there; no more is taken. */
  @Override
  public synchronized void close() {
    isClosed = true;
    shared.addAndGet(-own);
    own = 0;
  }

  /** A body whose bytes are taken as they come; it fails where they are not to be had. */
  InputStream of(InputStream body) {
    return new Taking(body);
  }

  private final class Taking extends FilterInputStream {
    Taking(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int got = in.read(target, offset, length);
      if (got > 0) {
        take(got);
      }
      return got;
    }
  }
}
