package dev.imgstore.builder.pack.deflate;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.zip.CRC32;

/**
 * Compresses what is written to it to one gzip member (RFC 1952), several parts at a time.
 *
 * <p>The member depends on the bytes written alone: not on how they are cut into writes, on
 * flushes, on the executor or on how many parts may be in work. It stays the same as long as {@link
 * BlockDeflater#ENCODER} does. Its header holds no name and no time.
 *
 * <p>Input is cut into parts of {@link #PART} bytes. Each is compressed with the 32 KiB before it
 * in sight, and ends on a whole byte, so the parts can be compressed apart and put one after the
 * other.
 *
 * <p>One thread at a time may use a stream. It compresses a part itself when that part is due and
 * no thread of the executor has begun it, so a busy, refusing or shut-down executor slows the
 * stream but never blocks it. {@link #close} ends the member and closes the target; the executor
 * belongs to the caller. After any failure, or an interrupt found when a part is due (an {@link
 * java.io.InterruptedIOException}, with the thread's interrupt flag kept), parts not begun are
 * dropped, every further write fails, and {@code close} only closes the target: what was written
 * lacks its trailer, which every decoder notices.
 */
public final class ParallelGzip extends OutputStream {
  /** Bytes of input in a part; only the last part may be shorter. */
  public static final int PART = 256 * 1024;

  /** No flags, no time, no extra flags, unknown system (RFC 1952, 2.3). */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private static final int TRAILER = 8;

  private enum State {
    OPEN,
    FINISHED,
    FAILED
  }

  private final OutputStream target;
  private final Executor executor;
  private final int inWork;
  private final Deque<GzipPart> started = new ArrayDeque<>();
  private final CRC32 sum = new CRC32();
  private GzipPart filling = new GzipPart();
  private long length;
  private boolean begun;
  private State state = State.OPEN;
  private boolean closed;

  /**
   * A stream that writes to {@code target}.
   *
   * @param executor runs the compressing; {@code Runnable::run} compresses in the calling thread
   * @param inWork how many parts may be started and not yet written, at least 1; each takes about
   *     1.2 MiB, and one more is being filled
   */
  public ParallelGzip(OutputStream target, Executor executor, int inWork) {
    if (inWork < 1) {
      throw new IllegalArgumentException("at least one part must be in work, not " + inWork);
    }
    this.target = target;
    this.executor = executor;
    this.inWork = inWork;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    requireOpen();
    int at = offset;
    int stop = offset + count;
    while (at < stop) {
      if (filling.isFull()) {
        startNext();
      }
      int taken = filling.fill(bytes, at, stop - at);
      sum.update(bytes, at, taken);
      at += taken;
    }
    length += count;
  }

  /** Flushes the target. Bytes not yet due stay here: a flush never shows in the output. */
  @Override
  public void flush() throws IOException {
    target.flush();
  }

  /** Ends the member and leaves the target open. Doing so again does nothing. */
  public void finish() throws IOException {
    if (state == State.FINISHED) {
      return;
    }
    requireOpen();
    guarded(
        () -> {
          if (!isRoom()) {
            writeOldest();
          }
          start(filling, Ending.LAST);
          while (!started.isEmpty()) {
            writeOldest();
          }
          writeTrailer();
        });
    state = State.FINISHED;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (target) {
      if (state == State.OPEN) {
        finish();
      }
    }
  }

  private void requireOpen() throws IOException {
    if (state == State.FAILED) {
      throw new IOException("this gzip stream failed before and cannot go on; write it anew");
    }
    if (state == State.FINISHED) {
      throw new IOException("this gzip stream is finished; nothing can be added to it");
    }
  }

  /** Starts the part that is full and makes room for the next one. */
  private void startNext() throws IOException {
    guarded(
        () -> {
          GzipPart full = filling;
          filling = isRoom() ? new GzipPart() : writeOldest();
          filling.beginAfter(full);
          start(full, Ending.CONTINUES);
        });
  }

  private boolean isRoom() {
    return started.size() < inWork;
  }

  private void start(GzipPart part, Ending ending) throws IOException {
    if (!begun) {
      begun = true;
      target.write(HEADER);
    }
    started.add(part);
    part.start(executor, ending);
  }

  private GzipPart writeOldest() throws IOException {
    GzipPart oldest = started.element();
    oldest.write(target);
    return started.remove();
  }

  private void writeTrailer() throws IOException {
    byte[] trailer = new byte[TRAILER];
    long both = sum.getValue() | (length << 32);
    for (int i = 0; i < TRAILER; i++) {
      trailer[i] = (byte) (both >>> (8 * i));
    }
    target.write(trailer);
  }

  /** Does work after whose failure the stream is unusable. */
  private void guarded(Work work) throws IOException {
    state = State.FAILED;
    try {
      work.run();
      state = State.OPEN;
    } finally {
      if (state == State.FAILED) {
        started.forEach(GzipPart::cancel);
        started.clear();
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }
}
