package dev.imgstore.builder.source.fetch;

import dev.imgstore.builder.source.debian.DebianException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several fetches at a time, as many as the pool has threads. One that fails does not stop the
 * others, so that a person hears of several failures at once; after some, nothing more is begun,
 * for then it is the network. Safe for many threads; work must not wait for other work of its pool.
 */
public final class Together {
  /** After so many failures nothing is begun. */
  static final int MOST_FAILURES = 10;

  private final ExecutorService pool;

  /** On these threads, which stay the caller's. */
  public Together(ExecutorService pool) {
    this.pool = pool;
  }

  /**
   * Does all of it, and waits until nothing of it runs any more.
   *
   * @return what each gave, in the order of the work
   * @throws IOException the failure; of several, one that tells them all, and is a {@link
   *     DebianException.Missing} if each of them is
   */
  public <T> List<T> all(List<Callable<T>> work) throws IOException {
    AtomicInteger failed = new AtomicInteger();
    List<Future<T>> futures = new ArrayList<>();
    work.forEach(each -> futures.add(pool.submit(() -> call(each, failed))));
    List<T> results = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    boolean interrupted = false;
    int at = 0;
    while (at < futures.size()) {
      try {
        results.add(futures.get(at).get());
        at++;
      } catch (ExecutionException e) {
        failures.add(e.getCause() == null ? e : e.getCause());
        at++;
      } catch (CancellationException e) {
        at++; // by the interrupt below
      } catch (InterruptedException e) {
        interrupted = true;
        futures.forEach(each -> each.cancel(false)); // what runs is waited for
        failed.set(MOST_FAILURES);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while fetching");
    }
    if (!failures.isEmpty()) {
      throw told(failures);
    }
    return results;
  }

  private static <T> T call(Callable<T> work, AtomicInteger failed) throws Exception {
    if (failed.get() >= MOST_FAILURES) {
      throw new CancellationException();
    }
    try {
      return work.call();
    } catch (Throwable e) {
      failed.incrementAndGet();
      throw e;
    }
  }

  private static IOException told(List<Throwable> failures) {
    List<IOException> real = new ArrayList<>();
    for (Throwable each : failures) {
      if (each instanceof Error error) {
        throw error;
      }
      if (each instanceof IOException io) {
        real.add(io);
      } else if (each instanceof RuntimeException wrong
          && !(each instanceof CancellationException)) {
        throw wrong;
      }
    }
    if (real.size() == 1 && failures.size() == 1) {
      return real.get(0);
    }
    List<String> lines = new ArrayList<>();
    real.stream().map(each -> String.valueOf(each.getMessage())).distinct().forEach(lines::add);
    int more = failures.size() - real.size();
    if (more > 0) {
      lines.add(more + " more were not tried");
    }
    String all = String.join("; ", lines);
    IOException told =
        !real.isEmpty() && real.stream().allMatch(DebianException.Missing.class::isInstance)
            ? new DebianException.Missing(all)
            : new IOException(all);
    told.initCause(failures.get(0));
    return told;
  }
}
