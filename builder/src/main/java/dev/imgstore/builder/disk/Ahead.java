package dev.imgstore.builder.disk;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Jobs that a pool does some way ahead, and whose results are taken in order. What the pool has not
 * begun when it is due is done by the one who takes it, so a pool that is busy, refuses, or does
 * nothing costs time only. For one thread.
 */
public final class Ahead<T> implements Closeable {
  private final Iterator<? extends Job<T>> jobs;
  private final long window;
  private final Executor pool;
  private final Deque<Begun<T>> begun = new ArrayDeque<>();
  private long weight;
  private volatile boolean stopped;

  /** A piece of work. */
  public interface Job<T> {
    /** How much of the window it takes. */
    long weight();

    /** Does it; runs in any thread, once. */
    T run() throws IOException;
  }

  private record Begun<T>(long weight, FutureTask<T> task) {}

  /**
   * Begins nothing yet.
   *
   * @param jobs is asked for the next one when there is room for it
   * @param window weight of what may be begun before it is taken; one job is always begun
   */
  public Ahead(Iterator<? extends Job<T>> jobs, long window, Executor pool) {
    this.jobs = jobs;
    this.window = window;
    this.pool = pool;
  }

  /** Begins what there is room for; true if a job is left that there is no room for. */
  public boolean begin() {
    fill();
    return jobs.hasNext();
  }

  /** True if there is one more result. */
  public boolean hasNext() {
    return !begun.isEmpty() || jobs.hasNext();
  }

  /** The next result; what failed in its job is thrown here. */
  public T next() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted while making a disk");
    }
    fill();
    Begun<T> first = begun.poll();
    if (first == null) {
      throw new NoSuchElementException("no job is left");
    }
    weight -= first.weight();
    first.task().run(); // nothing happens if the pool has begun it
    return result(first.task());
  }

  private void fill() {
    while (jobs.hasNext() && (begun.isEmpty() || weight < window)) {
      Job<T> job = jobs.next();
      Begun<T> next = new Begun<>(job.weight(), new FutureTask<>(() -> run(job)));
      weight += next.weight();
      begun.add(next);
      try {
        pool.execute(next.task());
      } catch (RejectedExecutionException busy) {
        // It keeps its place, and is done when it is due.
      }
    }
  }

  private T run(Job<T> job) throws IOException {
    if (stopped) {
      throw new InterruptedIOException("the disk is not wanted any more");
    }
    return job.run();
  }

  private static <T> T result(FutureTask<T> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while making a disk");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  /** What has not been begun never is; returns when nothing is running any more. */
  @Override
  public void close() {
    stopped = true;
    boolean interrupted = false;
    for (Begun<T> each : begun) {
      each.task().run();
      interrupted |= settle(each.task());
    }
    begun.clear();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** True if an interrupt came meanwhile. */
  private static boolean settle(FutureTask<?> task) {
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
