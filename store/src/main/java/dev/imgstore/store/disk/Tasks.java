package dev.imgstore.store.disk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Work given to somebody else's threads, and waited for together. For one thread. */
final class Tasks {
  private final ExecutorService pool;
  private final List<Future<?>> running = new ArrayList<>();

  Tasks(ExecutorService pool) {
    this.pool = pool;
  }

  void submit(Runnable task) {
    running.add(pool.submit(task));
  }

  /** Waits for all; the first failure cancels the rest. */
  void await() throws IOException {
    try {
      for (Future<?> each : running) {
        result(each);
      }
    } finally {
      running.forEach(each -> each.cancel(true));
      running.clear();
    }
  }

  /** What one task gave. */
  static <T> T result(Future<T> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while checking the store");
    } catch (ExecutionException e) {
      throw new IOException("checking the store failed: " + e.getCause(), e.getCause());
    }
  }
}
