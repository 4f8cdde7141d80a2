package dev.imgstore.builder.realise;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Submit all, wait for all; the first failure keeps those from starting that have not. */
final class Tasks {
  private Tasks() {}

  /** The results, in the order of the work. */
  static <T> List<T> all(ExecutorService pool, List<Callable<T>> work) throws IOException {
    List<Future<T>> running = new ArrayList<>();
    for (Callable<T> each : work) {
      running.add(pool.submit(each));
    }
    List<T> done = new ArrayList<>();
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<T> each : running) {
      boolean waiting = true;
      while (waiting) {
        try {
          done.add(each.get());
          waiting = false;
        } catch (InterruptedException e) {
          interrupted = true;
          running.forEach(other -> other.cancel(false));
        } catch (CancellationException e) {
          waiting = false; // another one's failure is what is told
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          running.forEach(other -> other.cancel(false));
          waiting = false;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new IOException(failure);
    }
    return done;
  }
}
