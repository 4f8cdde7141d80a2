package dev.imgstore.builder.source.fetch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Several fetches at a time, as many as the pool has threads. All are tried, so that a person hears
 * of every failure at once. Safe for many threads; work must not wait for other work of its pool.
 */
public final class Together {
  private static final int MOST_TOLD = 20;

  private final ExecutorService pool;

  /** On these threads, which stay the caller's. */
  public Together(ExecutorService pool) {
    this.pool = pool;
  }

  /**
   * Does all of it, and waits until nothing of it runs any more.
   *
   * @return what each gave, in the order of the work
   * @throws IOException the failure; of several, one that tells them all
   */
  public <T> List<T> all(List<Callable<T>> work) throws IOException {
    List<Future<T>> futures = new ArrayList<>();
    work.forEach(each -> futures.add(pool.submit(each)));
    List<T> results = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    boolean interrupted = false;
    for (int i = 0; i < futures.size(); ) {
      try {
        results.add(futures.get(i).get());
        i++;
      } catch (ExecutionException e) {
        failures.add(e.getCause());
        i++;
      } catch (InterruptedException e) {
        interrupted = true;
        futures.subList(i, futures.size()).forEach(each -> each.cancel(false));
      } catch (java.util.concurrent.CancellationException e) {
        i++;
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

  private static IOException told(List<Throwable> failures) {
    for (Throwable each : failures) {
      if (each instanceof Error error) {
        throw error;
      }
      if (each instanceof RuntimeException unchecked) {
        throw unchecked;
      }
    }
    Throwable first = failures.get(0);
    if (failures.size() == 1 && first instanceof IOException only) {
      return only;
    }
    List<String> lines =
        failures.stream().map(each -> String.valueOf(each.getMessage())).distinct().toList();
    String more = lines.size() > MOST_TOLD ? "; and " + (lines.size() - MOST_TOLD) + " more" : "";
    return new IOException(
        String.join("; ", lines.subList(0, Math.min(lines.size(), MOST_TOLD))) + more, first);
  }
}
