package dev.imgstore.builder.disk;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

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
    return Due.result(first.task());
  }

  private void fill() {
    while (jobs.hasNext() && (begun.isEmpty() || weight < window)) {
      Job<T> job = jobs.next();
      Begun<T> next = new Begun<>(job.weight(), new FutureTask<>(() -> run(job)));
      weight += next.weight();
      begun.add(next);
      Due.offer(next.task(), pool);
    }
  }

  private T run(Job<T> job) throws IOException {
    if (stopped) {
      throw new InterruptedIOException("the disk is not wanted any more");
    }
    return job.run();
  }

  /** What has not been begun never is; returns when nothing is running any more. */
  @Override
  public void close() {
    stopped = true;
    Due.settle(begun.stream().map(Begun::task).toList());
    begun.clear();
  }
}
