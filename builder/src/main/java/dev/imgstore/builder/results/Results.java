package dev.imgstore.builder.results;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The results that one build finds: those of the store, and then those that others share. What came
 * from others is recorded by {@link #keep}, once it is durable (law 2).
 *
 * <p>A result that was made here is marked so, by a record of its own; one without the mark was
 * copied, or nobody knows. Losing a mark thus never makes a copy look like something built. Safe
 * for many threads.
 */
public final class Results implements Closeable {
  /** How long an answer takes that need not be waited for with other work. */
  private static final long MOMENT_MILLIS = 250;

  private final Actions actions;
  private final SharedResults shared;
  private final Optional<Transaction> transaction;
  private final Map<ActionKey, Future<Optional<Digest>>> asked = new TreeMap<>();
  private final Map<ActionKey, Digest> came = new TreeMap<>();
  private final Map<ActionKey, Digest> made = new TreeMap<>();
  private Runnable meanwhile = () -> {};
  private int reused;
  private boolean copied;

  /** Reads what a result says; nothing if something of it is not there. */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * Reads it.
     *
     * @throws StoreException if it is no such result
     */
    Optional<T> read(Digest result) throws IOException;
  }

  /**
   * What was found.
   *
   * @param came whether it is from others, and new here
   */
  public record Found<T>(T value, Digest result, boolean came) {}

  /** Results that are found in a store, and in no other place. */
  public Results(Actions actions) {
    this(actions, SharedResults.NONE, Optional.empty());
  }

  /**
   * Results that are found in a store, or else elsewhere.
   *
   * @param transaction gets what comes from there; stays the caller's
   */
  public Results(Actions actions, SharedResults shared, Transaction transaction) {
    this(actions, shared, Optional.of(transaction));
  }

  private Results(Actions actions, SharedResults shared, Optional<Transaction> transaction) {
    this.actions = actions;
    this.shared = shared;
    this.transaction = transaction;
  }

  /** What is recorded in the store. */
  public Actions actions() {
    return actions;
  }

  /** Called, at most once a wait, when an answer takes longer than a moment and nothing comes. */
  public synchronized void meanwhile(Runnable work) {
    meanwhile = work;
  }

  /** Begins to ask others, for what is going to be looked for. */
  public void ask(ActionKey key, Kind kind, String name) throws IOException {
    if (shared != SharedResults.NONE) {
      begin(new SharedResults.Question(key, kind, name));
    }
  }

  private synchronized void begin(SharedResults.Question question) throws IOException {
    if (!asked.containsKey(question.key())) {
      asked.put(question.key(), shared.ask(question, transaction.orElseThrow()));
    }
  }

  private synchronized Future<Optional<Digest>> future(SharedResults.Question question)
      throws IOException {
    begin(question);
    return Optional.ofNullable(asked.get(question.key())).orElseThrow();
  }

  /** The first result in the store that is whole; others are not asked. */
  public <T> Optional<Found<T>> known(ActionKey key, Reader<T> reader) throws IOException {
    for (Digest result : actions.results(key)) {
      Optional<T> whole = reader.read(result);
      if (whole.isPresent()) {
        return Optional.of(new Found<>(whole.get(), result, false));
      }
    }
    return Optional.empty();
  }

  /** The first result in the store that is whole, or the one that others share. */
  public <T> Optional<Found<T>> find(ActionKey key, Kind kind, String name, Reader<T> reader)
      throws IOException, InterruptedException {
    Optional<Found<T>> known = known(key, reader);
    if (known.isPresent()) {
      used(key, known.get().result());
      return known;
    }
    return elsewhere(key, kind, name, reader);
  }

  /** What others share, if the store is known to have nothing. */
  public <T> Optional<Found<T>> elsewhere(ActionKey key, Kind kind, String name, Reader<T> reader)
      throws IOException, InterruptedException {
    if (shared == SharedResults.NONE) {
      return Optional.empty();
    }
    SharedResults.Question question = new SharedResults.Question(key, kind, name);
    Optional<Digest> result = wait(future(question));
    if (result.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> whole;
    try {
      whole = reader.read(result.get());
    } catch (StoreException e) {
      whole = Optional.empty();
    }
    if (whole.isEmpty()) {
      shared.refused(question, "it is no whole result of that");
      return Optional.empty();
    }
    synchronized (this) {
      came.put(key, result.get());
      copied = true;
    }
    return Optional.of(new Found<>(whole.get(), result.get(), true));
  }

  private Optional<Digest> wait(Future<Optional<Digest>> future)
      throws IOException, InterruptedException {
    try {
      try {
        return future.get(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!shared.isComing()) {
          work().run();
        }
        return future.get();
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    }
  }

  private synchronized Runnable work() {
    return meanwhile;
  }

  private static IOException rethrown(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  /** A recorded result is used. */
  public synchronized void used(ActionKey key, Digest result) throws IOException {
    reused++;
    copied |= !isOfHere(actions, key, result);
  }

  /** How many results of the store were used. */
  public synchronized int reused() {
    return reused;
  }

  /** How many results came from others. */
  public synchronized int came() {
    return came.size();
  }

  /** Whether something that was used was not made here, as far as is known. */
  public synchronized boolean hasCopies() {
    return copied;
  }

  /** Whether a recorded result was made in this store. */
  public static boolean isOfHere(Actions actions, ActionKey key, Digest result) throws IOException {
    return actions.results(mark(key)).contains(result);
  }

  /** Records a result that was made here; it is durable, and so is all that it took. */
  public static void record(Actions actions, ActionKey key, Digest result) throws IOException {
    actions.record(key, result);
    actions.record(mark(key), result);
  }

  /** The mark goes with the result: its value is the result itself. */
  private static ActionKey mark(ActionKey key) {
    String text = "imgstore made here\n" + key + "\n";
    return new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** An action ran here, of which nothing was found; whoever ran it records what it gave. */
  public synchronized void made(ActionKey key, Digest result) {
    made.put(key, result);
  }

  /** Records what came, and what was made here; it is durable. */
  public synchronized void keep() throws IOException {
    for (Map.Entry<ActionKey, Digest> each : made.entrySet()) {
      actions.record(mark(each.getKey()), each.getValue());
    }
    for (Map.Entry<ActionKey, Digest> each : came.entrySet()) {
      actions.record(each.getKey(), each.getValue());
    }
  }

  /** Waits for what was asked and not needed: its bytes go into the transaction. */
  @Override
  public void close() throws IOException {
    boolean interrupted = Thread.interrupted();
    for (Future<Optional<Digest>> each : all()) {
      while (!each.isDone()) {
        try {
          each.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          // nobody waited for it
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Future<Optional<Digest>>> all() {
    return List.copyOf(asked.values());
  }

  /** As an exception of a place that cannot be interrupted otherwise. */
  public static InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException failure = new InterruptedIOException("the build was interrupted");
    failure.initCause(cause);
    return failure;
  }
}
