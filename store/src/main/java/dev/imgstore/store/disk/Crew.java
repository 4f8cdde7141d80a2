package dev.imgstore.store.disk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Several equal workers on somebody else's threads, who share what is to be done, find more of it
 * on the way, and end when nothing is left. The first failure ends all. They also finish if the
 * pool runs them one after the other.
 *
 * @param <T> a piece of work
 */
final class Crew<T> {
  private final Deque<T> todo = new ArrayDeque<>();
  private int unfinished;
  private boolean stopped;

  /** What is done with one piece; may {@link #add} more. */
  interface Work<T> {
    void on(T piece) throws IOException;
  }

  /** Adds a piece, which is taken before those added earlier. */
  synchronized void add(T piece) {
    todo.addLast(piece);
    unfinished++;
    notifyAll();
  }

  private synchronized Optional<T> take() throws IOException {
    while (todo.isEmpty() && unfinished > 0 && !stopped) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
    return stopped || todo.isEmpty() ? Optional.empty() : Optional.of(todo.removeLast());
  }

  private synchronized void finished() {
    unfinished--;
    if (unfinished == 0) {
      notifyAll();
    }
  }

  private synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private Void work(Work<T> work) throws IOException {
    try {
      for (Optional<T> next = take(); next.isPresent(); next = take()) {
        work.on(next.get());
        finished();
      }
      return null;
    } catch (Throwable e) {
      stop();
      throw e;
    }
  }

  /** Does all, with this many workers. Waits for every worker, whatever happens. */
  void run(ExecutorService pool, int workers, Work<T> work) throws IOException {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      running.add(pool.submit(() -> work(work)));
    }
    Throwable failure = null;
    boolean interrupted = false;
    for (int i = 0; i < running.size(); ) {
      try {
        running.get(i).get();
        i++;
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
        i++;
      } catch (InterruptedException e) {
        interrupted = true;
        stop(); // not interrupted themselves: that would close files under other readers
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    rethrow(failure);
  }

  private static void rethrow(@Nullable Throwable failure) throws IOException {
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw failure instanceof IOException io ? io : new IOException(failure);
    }
  }
}
