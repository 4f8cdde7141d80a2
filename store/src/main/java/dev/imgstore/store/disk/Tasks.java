package dev.imgstore.store.disk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Work given to somebody else's threads, a bounded amount at a time. For one thread. */
final class Tasks {
  private static final int MOST = 256;
  private final ExecutorService pool;
  private final Deque<Future<?>> running = new ArrayDeque<>();

  Tasks(ExecutorService pool) {
    this.pool = pool;
  }

  /** Waits for the oldest if too much is under way; what a task throws comes out of a later call. */
  void submit(Runnable task) {
    while (running.size() >= MOST && running.getFirst().isDone()) {
      running.removeFirst();
    }
    running.add(pool.submit(task));
  }

  /** Waits for all; the first failure cancels the rest. */
  void await() throws IOException {
    try {
      for (Future<?> each : running) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while checking the store");
    } catch (ExecutionException e) {
      throw new IOException("checking the store failed: " + e.getCause(), e.getCause());
    } finally {
      running.forEach(each -> each.cancel(true));
      running.clear();
    }
  }
}
