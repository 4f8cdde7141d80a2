package dev.imgstore.builder.disk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Work that is given to a pool, and done by whoever waits for it if the pool has not begun it: a
 * pool that is busy, refuses, or does nothing costs time only.
 */
public final class Due {
  private Due() {}

  /** Takes a result. */
  public interface Taker<T> {
    /** The result of task {@code i}. */
    void take(int i, T result) throws IOException;
  }

  /** Offers a task to a pool. */
  public static void offer(FutureTask<?> task, Executor pool) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      // whoever waits for it will do it
    }
  }

  /**
   * Does all, and takes the results in order. Returns when none is running any more.
   *
   * @param stop is called after a failure, and makes those that are left end soon
   */
  public static <T> void inOrder(
      List<FutureTask<T>> tasks, Executor pool, Taker<T> taker, Runnable stop) throws IOException {
    tasks.forEach(task -> offer(task, pool));
    int done = 0;
    try {
      for (; done < tasks.size(); done++) {
        taker.take(done, result(tasks.get(done)));
      }
    } finally {
      if (done < tasks.size()) {
        stop.run();
        settle(tasks);
      }
    }
  }

  /** The result, as soon as it is there; what failed in the task is thrown here. */
  public static <T> T result(FutureTask<T> task) throws IOException {
    task.run(); // nothing happens if the pool has begun it
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  /** Waits until all are done or have failed, also if it is interrupted meanwhile. */
  public static void settle(Iterable<? extends FutureTask<?>> tasks) {
    boolean interrupted = false;
    for (FutureTask<?> task : tasks) {
      interrupted |= settle(task);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** True if an interrupt came meanwhile. */
  private static boolean settle(FutureTask<?> task) {
    task.run();
    boolean interrupted = false;
    while (true) {
      try {
        task.get();
        return interrupted;
      } catch (ExecutionException e) {
        return interrupted; // what is thrown is the failure of what was due
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
