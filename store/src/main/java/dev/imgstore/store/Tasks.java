package dev.imgstore.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Work on somebody else's threads, waited for together. The first failure, or an interrupt, keeps
 * from starting what has not; what runs is waited for and never interrupted, since that would close
 * the store's files under their other readers; it ends early where it {@link #check asks}. One
 * thread submits and waits.
 */
public final class Tasks {
  private final List<Future<?>> all = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** Work that gives nothing. */
  public interface Work {
    /** Does it. */
    void run() throws IOException;
  }

  /** Submits work that gives nothing. */
  public void run(ExecutorService pool, Work work) {
    Future<Boolean> unused =
        submit(
            pool,
            () -> {
              work.run();
              return true;
            });
  }

  /** Submits work, which may wait for what was submitted before it to another pool. */
  public <T> Future<T> submit(ExecutorService pool, Callable<T> work) {
    Future<T> future =
        pool.submit(
            () -> {
              if (failure.get() != null) {
                throw new CancellationException();
              }
              try {
                return work.call();
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
                throw e;
              }
            });
    all.add(future);
    return future;
  }

  /** Asked by what runs: it is to end if something else failed. */
  public void check() throws InterruptedIOException {
    if (failure.get() != null) {
      throw new InterruptedIOException("something else failed");
    }
  }

  /**
   * Waits until nothing that was submitted runs any more.
   *
   * @return what these gave, in their order
   * @throws IOException if any of all that was submitted failed: the first failure
   */
  public <T> List<T> results(List<Future<T>> wanted) throws IOException {
    finish();
    List<T> results = new ArrayList<>();
    for (Future<T> each : wanted) {
      try {
        results.add(each.get());
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e); // all have ended, and none has failed
      }
    }
    return results;
  }

  /** Waits until nothing that was submitted runs any more; the first failure is thrown. */
  public void finish() throws IOException {
    boolean interrupted = false;
    for (int i = 0; i < all.size(); ) {
      try {
        all.get(i).get();
        i++;
      } catch (ExecutionException e) {
        i++; // kept in failure
      } catch (InterruptedException e) {
        interrupted = true;
        failure.compareAndSet(null, new InterruptedIOException("interrupted"));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable first = failure.get();
    if (first instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw first instanceof IOException io ? io : new IOException(first);
    }
  }
}
