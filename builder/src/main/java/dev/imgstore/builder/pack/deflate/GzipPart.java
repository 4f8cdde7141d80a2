package dev.imgstore.builder.pack.deflate;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * One part of a gzip stream with all that compressing it takes. It is filled, started, and written
 * by the thread of the stream, then used again for a later part; only between start and write may
 * another thread work on it.
 */
final class GzipPart {
  private final byte[] bytes = new byte[BlockDeflater.WINDOW + ParallelGzip.PART];
  private final byte[] out = new byte[BlockDeflater.bound(ParallelGzip.PART)];
  private final BlockDeflater deflater = new BlockDeflater();
  private int history = BlockDeflater.WINDOW;
  private int end = BlockDeflater.WINDOW;
  private FutureTask<Integer> task = new FutureTask<>(() -> 0);

  /** Empties this part, which is to come after {@code before}, a full one. */
  void beginAfter(GzipPart before) {
    int from = before.end - BlockDeflater.WINDOW;
    System.arraycopy(before.bytes, from, bytes, 0, BlockDeflater.WINDOW);
    history = 0;
    end = BlockDeflater.WINDOW;
  }

  boolean isFull() {
    return end == bytes.length;
  }

  /** Appends as many bytes as there is room for; returns how many. */
  int fill(byte[] from, int offset, int length) {
    int taken = Math.min(length, bytes.length - end);
    System.arraycopy(from, offset, bytes, end, taken);
    end += taken;
    return taken;
  }

  /** Hands this part to the executor; a refusal is no error, since {@link #write} does the work. */
  void start(Executor executor, Ending ending) {
    int to = end;
    int from = history;
    task =
        new FutureTask<>(
            () -> deflater.deflatePart(bytes, from, BlockDeflater.WINDOW, to, ending, out, 0));
    try {
      executor.execute(task);
    } catch (RejectedExecutionException busy) {
      // The part stays in its place in the queue, and is compressed when its turn to be written is.
    }
  }

  /** Gives up: a task not begun will do nothing. */
  void cancel() {
    task.cancel(false);
  }

  /** Waits until this part is compressed, doing it here if nobody has begun, and writes it. */
  void write(OutputStream target) throws IOException {
    target.write(out, 0, outLength());
  }

  private int outLength() throws IOException {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      task.run();
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "interrupted while compressing; the gzip stream is unusable");
    } catch (ExecutionException | CancellationException e) {
      throw new IOException("compressing a part of a gzip stream failed; see the cause", e);
    }
  }
}
