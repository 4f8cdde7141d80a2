package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one build: each runs once its inputs are trees, unless a result of its key is known;
 * so a change that gives the same trees stops there. One build has one result per key. One thread
 * calls; the caller closes it.
 */
public final class StepsBuild implements Closeable {
  private final Results known;
  private final Transaction transaction;
  private final StepPorts ports;
  private final ExecutorService pool;
  private final Watcher watcher;
  private final StepResults results = new StepResults();
  private final StepRunner runner;
  private final ConcurrentMap<ActionKey, FutureTask<StepRecord>> once = new ConcurrentHashMap<>();
  private final Set<ActionKey> ran = ConcurrentHashMap.newKeySet();

  /** Told how far the steps are, from the calling thread. */
  public interface Watcher {
    /** How many of the steps are done. */
    void at(long done, long total);

    /** One is done, since a result of it was known. */
    default void reused() {}

    /** One is done, since it ran. */
    default void ran() {}
  }

  private record Ended(Step step, Result result) {}

  /**
   * Steps whose trees go into a transaction.
   *
   * @param ids asked for when the first step runs
   * @param pool runs them; has at least as many threads as there are jobs
   */
  public StepsBuild(
      Store store,
      Transaction transaction,
      StepPorts ports,
      SandboxIds ids,
      ExecutorService pool,
      Watcher watcher) {
    this(store, new Results(store.actions()), transaction, ports, ids, pool, watcher);
  }

  /**
   * The same, with what is known of actions elsewhere than in the store.
   *
   * @param known asked first, and told by {@link #keep}; stays the caller's
   */
  public StepsBuild(
      Store store,
      Results known,
      Transaction transaction,
      StepPorts ports,
      SandboxIds ids,
      ExecutorService pool,
      Watcher watcher) {
    this.known = known;
    this.transaction = transaction;
    this.ports = ports;
    this.pool = pool;
    this.watcher = watcher;
    this.runner = new StepRunner(store, transaction, results, ports, ids);
  }

  /**
   * Runs what must run; afterwards nothing runs any more, whatever happened.
   *
   * @return the tree of every output
   * @throws StepFailed if one fails; those that ran beside it have ended, no other was started
   */
  public Map<Step.Output, TreeId> run(StepsRequest request)
      throws IOException, InterruptedException {
    Map<Step.Output, TreeId> outputs = new TreeMap<>(BY_NAME);
    realise(request)
        .forEach(
            (step, result) ->
                result
                    .outputs()
                    .forEach((name, tree) -> outputs.put(new Step.Output(step, name), tree)));
    return outputs;
  }

  /**
   * What a step gave.
   *
   * @param ran whether it ran now
   */
  public record Result(ActionKey key, SortedMap<String, TreeId> outputs, boolean ran) {
    /** Copies in. */
    public Result {
      outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    }
  }

  /** The same as {@link #run}, by the name of the step. */
  public SortedMap<String, Result> realise(StepsRequest request)
      throws IOException, InterruptedException {
    return new Round(request).run();
  }

  /** Records what steps gave; call it once all of it is durable (law 2). */
  public void keep() throws IOException {
    results.keep(known.actions());
  }

  /** How many steps ran. */
  public int ran() {
    return runner.started();
  }

  /** The first recorded result of a key that is present and whole. */
  static Optional<StepRecord> known(Actions actions, BlobReader blobs, ActionKey key)
      throws IOException {
    for (Digest result : actions.results(key)) {
      Optional<StepRecord> record = StepRecord.read(blobs, result);
      if (record.isPresent() && record.get().isWhole(blobs)) {
        return record;
      }
    }
    return Optional.empty();
  }

  private Optional<StepRecord> find(Prepared action, ActionKey history, String name)
      throws IOException, InterruptedException {
    Optional<Results.Found<StepRecord>> found =
        known.find(
            action.key(),
            Kind.STEP,
            name,
            result -> StepRecord.whole(action.key(), result, transaction));
    if (found.isPresent() && found.get().came()) {
      results.remember(history, found.get().result());
    }
    return found.map(Results.Found::value);
  }

  private StepRecord realise(Prepared action, ActionKey history, String name)
      throws IOException, InterruptedException {
    FutureTask<StepRecord> task =
        new FutureTask<>(
            () -> {
              Optional<StepRecord> found = find(action, history, name);
              if (found.isPresent()) {
                return found.get();
              }
              StepRecord record = runner.run(action, history);
              ran.add(action.key());
              return record;
            });
    FutureTask<StepRecord> first = once.putIfAbsent(action.key(), task);
    if (first == null) {
      task.run();
      first = task;
    }
    try {
      return first.get();
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    }
  }

  private static IOException rethrown(@Nullable Throwable cause) throws InterruptedException {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof InterruptedException interrupted) {
      throw interrupted;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  /** Ends what runs. */
  @Override
  public void close() {
    runner.close();
  }

  /** The steps of one platform. */
  private final class Round {
    private final StepsRequest request;
    private final Sources sources;
    private final Map<Step.Output, TreeId> outputs = new TreeMap<>(BY_NAME);
    private final SortedMap<String, Result> results = new TreeMap<>();
    private final Set<String> done = new HashSet<>();
    private final List<Step> waiting;
    private final ExecutorCompletionService<Ended> running = new ExecutorCompletionService<>(pool);
    private int count;
    private @Nullable Throwable failure;

    Round(StepsRequest request) {
      this.request = request;
      this.sources = new Sources(request, transaction);
      this.waiting = new ArrayList<>(request.steps());
    }

    SortedMap<String, Result> run() throws IOException, InterruptedException {
      boolean interrupted = false;
      watcher.at(0, request.steps().size());
      start();
      while (count > 0) {
        try {
          Future<Ended> next = running.take();
          count--;
          ended(next.get());
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
        } catch (InterruptedException e) {
          interrupted = true;
          failure = failure == null ? new InterruptedIOException("interrupted") : failure;
          runner.close(); // not interrupted themselves: that would close files of the store
        }
        if (failure == null) {
          start();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure != null) {
        throw rethrown(failure);
      }
      return results;
    }

    private void start() {
      for (Step step : List.copyOf(waiting)) {
        if (count < ports.jobs() && done.containsAll(Sources.needs(step))) {
          waiting.remove(step);
          count++;
          Map<Step.Output, TreeId> now = Map.copyOf(outputs);
          running.submit(() -> one(step, now));
        }
      }
    }

    private Ended one(Step step, Map<Step.Output, TreeId> now)
        throws IOException, InterruptedException {
      ActionKey history = StepInputs.history(request.recipe(), request.platform(), step.name());
      Prepared action = sources.prepare(step, now);
      SortedMap<String, TreeId> given =
          realise(action, history, StepInputs.name(request, step.name())).outputs();
      return new Ended(step, new Result(action.key(), given, ran.contains(action.key())));
    }

    private void ended(Ended ended) {
      results.put(ended.step().name(), ended.result());
      ended
          .result()
          .outputs()
          .forEach((name, tree) -> outputs.put(new Step.Output(ended.step().name(), name), tree));
      done.add(ended.step().name());
      if (ended.result().ran()) {
        watcher.ran();
      } else {
        watcher.reused();
      }
      watcher.at(done.size(), request.steps().size());
    }
  }

  private static final java.util.Comparator<Step.Output> BY_NAME =
      java.util.Comparator.comparing(Step.Output::step).thenComparing(Step.Output::output);
}
