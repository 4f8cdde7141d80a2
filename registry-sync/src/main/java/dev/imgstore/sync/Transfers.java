package dev.imgstore.sync;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Blobs on their way on somebody else's threads, waited for together. The first failure, or an
 * interrupt, keeps from starting what has not, and what runs ends where it next asks. One thread
 * submits and waits.
 */
public final class Transfers {
  private final ExecutorService pool;
  private final List<Future<?>> all = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** On these threads. */
  public Transfers(ExecutorService pool) {
    this.pool = pool;
  }

  /** A piece of work. */
  public interface Work {
    /** Does it. */
    void run() throws IOException;
  }

  /** Adds a piece. */
  public void submit(Work work) {
    all.add(
        pool.submit(
            () -> {
              try {
                check();
                work.run();
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
              }
            }));
  }

  /** Asked by what runs: it is to end if something else failed. */
  public void check() throws InterruptedIOException {
    if (failure.get() != null) {
      throw new InterruptedIOException("another transfer failed");
    }
  }

  /** Waits until nothing that was submitted runs any more; the first failure is thrown. */
  public void finish() throws IOException {
    boolean interrupted = false;
    for (int i = 0; i < all.size(); ) {
      try {
        all.get(i).get();
        i++;
      } catch (ExecutionException e) {
        throw new AssertionError(e); // kept in failure
      } catch (InterruptedException e) {
        interrupted = true;
        failure.compareAndSet(null, new InterruptedIOException("interrupted"));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable first = failure.get();
    if (first instanceof IOException io) {
      throw io;
    }
    if (first instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (first instanceof Error error) {
      throw error;
    }
  }
}
