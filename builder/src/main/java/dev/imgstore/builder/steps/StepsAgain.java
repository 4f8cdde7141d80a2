package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.sandbox.SecretFound;
import dev.imgstore.builder.sandbox.StepCell;
import dev.imgstore.builder.sandbox.StepSandbox;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs actions that have a result once more, in other surroundings. Nothing is recorded, and what
 * comes of it is only in the transaction, which stays the caller's. Safe for many threads. The
 * caller closes it, which ends what runs.
 */
public final class StepsAgain implements Closeable {
  private static final int LAST_LINES = 5;

  private final Actions known;
  private final Transaction transaction;
  private final StepPorts ports;
  private final SandboxIds ids;
  private final Surroundings.Order order;
  private final StepRunner runner;
  private @Nullable StepSandbox sandbox;

  /** A step with its inputs, and what is recorded of it. */
  public static final class Action {
    private final Prepared prepared;
    private final SortedMap<String, TreeId> recorded;

    private Action(Prepared prepared, SortedMap<String, TreeId> recorded) {
      this.prepared = prepared;
      this.recorded = Collections.unmodifiableSortedMap(recorded);
    }

    /** The step as the recipe has it. */
    public Step step() {
      return prepared.step();
    }

    /** The tree of each output, by its name. */
    public SortedMap<String, TreeId> recorded() {
      return recorded;
    }
  }

  /**
   * What a run gave.
   *
   * @param outputs by name; none if it failed
   * @param failure how it failed, in a few words; empty if it did not
   */
  public record Given(SortedMap<String, TreeId> outputs, String failure) {
    /** Copies in. */
    public Given {
      outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    }
  }

  /**
   * Over a store.
   *
   * @param known what actions gave
   * @param ids asked for when the first step runs
   * @param order of the entries in the directories of all inputs
   */
  public StepsAgain(
      Store store,
      Actions known,
      Transaction transaction,
      StepPorts ports,
      SandboxIds ids,
      Surroundings.Order order) {
    this.known = known;
    this.transaction = transaction;
    this.ports = ports;
    this.ids = ids;
    this.order = order;
    this.runner = new StepRunner(store, transaction, new StepResults(), ports, ids);
  }

  /**
   * The actions that steps are, each once though several steps be the same.
   *
   * @param outputs of all steps, as a build gave them
   */
  public List<Action> actions(StepsRequest request, Map<Step.Output, TreeId> outputs)
      throws IOException {
    Sources sources = new Sources(request, transaction);
    Set<ActionKey> seen = new HashSet<>();
    List<Action> actions = new ArrayList<>();
    for (Step step : request.steps()) {
      Prepared prepared = sources.prepare(step, outputs);
      Optional<StepRecord> record = StepsBuild.known(known, transaction, prepared.key());
      if (seen.add(prepared.key()) && record.isPresent()) {
        actions.add(new Action(prepared, record.get().outputs()));
      }
    }
    return actions;
  }

  /** Runs one; that it fails is a result. */
  public Given run(Action action, Surroundings surroundings)
      throws IOException, InterruptedException {
    Step step = action.step();
    SortedMap<String, Bytes> secrets = new TreeMap<>();
    for (Map.Entry<String, Step.Secret> each : step.secrets().entrySet()) {
      secrets.put(
          each.getKey(), ports.secrets().value(step.name(), each.getKey(), each.getValue()));
    }
    Layout layout = Layout.of(transaction, action.prepared.root(), action.prepared.placed());
    plant(action.prepared.root());
    for (Layout.Placed each : action.prepared.placed().values()) {
      plant(each.tree());
    }
    StepCell cell = cell(runner.cell(action.prepared, layout, secrets), step, surroundings);
    AtomicReference<@Nullable StepTree> given = new AtomicReference<>();
    StepCell.Ended ended;
    try {
      ended =
          sandbox()
              .run(
                  cell,
                  surroundings,
                  tar -> {
                    StepTree.read(step, tar, transaction, given);
                    return given;
                  });
    } catch (SecretFound e) {
      return new Given(new TreeMap<>(), String.valueOf(e.getMessage()));
    }
    if (!ended.secret().isEmpty()) { // then nothing it said may be told
      return new Given(new TreeMap<>(), "it printed the value of the secret " + ended.secret());
    }
    StepTree all = given.get();
    if (all == null || !all.isGivenBy(ended)) {
      return new Given(new TreeMap<>(), failure(ended));
    }
    try {
      return new Given(StepRunner.outputs(step, transaction, all), "");
    } catch (StepFailed e) {
      return new Given(new TreeMap<>(), String.valueOf(e.getMessage()));
    }
  }

  private static String failure(StepCell.Ended ended) {
    if (ended.timedOut()) {
      return "it took too long";
    }
    List<String> lines = ended.log().text().strip().lines().toList();
    String last =
        String.join(" / ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    return "exit code " + ended.exitCode() + (last.isEmpty() ? "" : ": " + last);
  }

  /** What the recipe sets itself is its own. */
  private static StepCell cell(StepCell cell, Step step, Surroundings surroundings) {
    SortedMap<String, String> environment = new TreeMap<>(cell.environment());
    environment.replaceAll(
        (name, value) ->
            value.equals(StepCell.BUILD) && !step.env().containsKey(name)
                ? surroundings.build()
                : value);
    surroundings
        .environment()
        .forEach(
            (name, value) -> {
              if (!step.env().containsKey(name)) {
                environment.put(name, value);
              }
            });
    return cell.withEnvironment(environment);
  }

  private synchronized StepSandbox sandbox() throws IOException, InterruptedException {
    StepSandbox open = sandbox;
    if (open == null) {
      open = StepSandbox.open(ids.get(), order);
      sandbox = open;
    }
    return open;
  }

  private void plant(TreeId tree) throws IOException, InterruptedException {
    StepRunner.plant(sandbox(), transaction, tree);
  }

  @Override
  public synchronized void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }
}
