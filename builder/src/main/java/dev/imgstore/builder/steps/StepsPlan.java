package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a build would run, and why. Runs nothing and writes nothing. */
public final class StepsPlan {
  /** What becomes of a step. */
  public enum State {
    /** No result of its inputs is held. */
    WILL_RUN,
    /** A result is held. */
    REUSED,
    /** A result is held for what the steps before it gave last, and one of those will run. */
    DEPENDS,
    /** What it takes is not here yet, so nobody knows whether a result is held. */
    UNKNOWN
  }

  /**
   * An input that is another than in an earlier run.
   *
   * @param input as {@link StepInputs} names it
   * @param before empty if it was not there
   * @param after empty if it is not there any more
   * @param paths of two trees, the first that differ
   */
  public record Change(String input, String before, String after, List<String> paths) {
    /** Copies in. */
    public Change {
      paths = List.copyOf(paths);
    }
  }

  /**
   * One step.
   *
   * @param key of the action; empty if its inputs are not known yet
   * @param upstream of a step that depends, the steps whose output decides
   * @param reason why it will run, or did last, where no change says it; may be empty
   * @param changes against the nearest earlier run: of what is to come, or of its last run
   */
  public record Planned(
      Platform platform,
      String step,
      State state,
      String key,
      List<String> upstream,
      String reason,
      List<Change> changes) {
    /** Copies in. */
    public Planned {
      upstream = List.copyOf(upstream);
      changes = List.copyOf(changes);
    }
  }

  private final StepsRequest request;
  private final Actions actions;
  private final BlobReader blobs;
  private final Sources sources;
  private final Map<Step.Output, TreeId> outputs = new HashMap<>();
  private final Set<String> unsure = new HashSet<>();
  private final Set<String> unknown = new HashSet<>();

  private StepsPlan(StepsRequest request, Actions actions, BlobReader blobs) {
    this.request = request;
    this.actions = actions;
    this.blobs = blobs;
    this.sources = new Sources(request, blobs);
  }

  /**
   * All steps, each after those it needs.
   *
   * @param request may lack roots and inputs that are not made yet
   */
  public static List<Planned> of(StepsRequest request, Actions actions, BlobReader blobs)
      throws IOException {
    StepsPlan plan = new StepsPlan(request, actions, blobs);
    List<Planned> all = new ArrayList<>();
    List<Step> waiting = new ArrayList<>(request.steps());
    Set<String> done = new HashSet<>();
    while (!waiting.isEmpty()) {
      for (Step step : List.copyOf(waiting)) {
        if (done.containsAll(Sources.needs(step))) {
          all.add(plan.plan(step));
          waiting.remove(step);
          done.add(step.name());
        }
      }
    }
    return all;
  }

  private Planned plan(Step step) throws IOException {
    List<StepRecord> history = history(step);
    Optional<Sources.Lack> lacking = sources.lacking(step, outputs);
    if (lacking.isPresent()) {
      Sources.Lack lack = lacking.get();
      assume(step, history);
      boolean known = !lack.fetched() && !unknown.contains(lack.of());
      if (!known) {
        unknown.add(step.name());
      }
      State state = known ? State.WILL_RUN : State.UNKNOWN;
      return planned(step, state, "", List.of(), lack.text(), List.of());
    }
    Prepared action = sources.prepare(step, outputs);
    String key = action.key().digest().hex();
    Optional<StepRecord> known = StepsBuild.known(actions, blobs, action.key());
    if (known.isEmpty()) {
      assume(step, history);
      List<Change> changes = nearest(action.inputs(), history);
      boolean failed =
          !history.isEmpty()
              && history.get(0).exitCode() != 0
              && history.get(0).inputs().equals(action.inputs());
      String reason = failed || changes.isEmpty() ? again(history) : "";
      return planned(step, State.WILL_RUN, key, List.of(), reason, changes);
    }
    give(step, known.get());
    SortedSet<String> upstream = new TreeSet<>(Sources.needs(step));
    upstream.retainAll(unsure);
    if (!upstream.isEmpty()) {
      unsure.add(step.name());
      return planned(step, State.DEPENDS, key, List.copyOf(upstream), "", List.of());
    }
    return planned(step, State.REUSED, key, List.of(), "", last(history));
  }

  private Planned planned(
      Step step,
      State state,
      String key,
      List<String> upstream,
      String reason,
      List<Change> changes) {
    return new Planned(request.platform(), step.name(), state, key, upstream, reason, changes);
  }

  private static String again(List<StepRecord> history) {
    if (history.isEmpty()) {
      return "it has not run before, or what it gave was collected";
    }
    return history.get(0).exitCode() != 0
        ? "its last run failed"
        : "what it gave is not held any more";
  }

  /** What led to the last run. */
  private List<Change> last(List<StepRecord> history) throws IOException {
    return history.size() < 2
        ? List.of()
        : nearest(history.get(0).inputs(), history.subList(1, history.size()));
  }

  private List<StepRecord> history(Step step) throws IOException {
    ActionKey key = StepInputs.history(request.recipe(), request.platform(), step.name());
    List<StepRecord> history = new ArrayList<>();
    for (Digest each : actions.results(key)) {
      StepRecord.read(blobs, each).ifPresent(history::add);
    }
    return history;
  }

  /** Takes what it gave last for what it will give. */
  private void assume(Step step, List<StepRecord> history) throws IOException {
    unsure.add(step.name());
    for (StepRecord record : history) {
      if (record.isWhole(blobs)) {
        give(step, record);
        return;
      }
    }
  }

  private void give(Step step, StepRecord record) {
    record.outputs().forEach((name, tree) -> outputs.put(new Step.Output(step.name(), name), tree));
  }

  /** Against the earlier run that differs least. */
  private List<Change> nearest(StepInputs now, List<StepRecord> history) throws IOException {
    Optional<SortedSet<String>> least =
        history.stream()
            .map(before -> differing(before.inputs(), now))
            .filter(names -> !names.isEmpty())
            .min(Comparator.comparingInt(Set::size));
    List<Change> changes = new ArrayList<>();
    for (StepRecord before : history) {
      SortedSet<String> names = differing(before.inputs(), now);
      if (changes.isEmpty() && names.equals(least.orElse(new TreeSet<>()))) {
        for (String name : names) {
          changes.add(
              change(
                  name,
                  before.inputs().values().getOrDefault(name, ""),
                  now.values().getOrDefault(name, "")));
        }
      }
    }
    return changes;
  }

  private static SortedSet<String> differing(StepInputs before, StepInputs now) {
    SortedSet<String> names = new TreeSet<>(before.values().keySet());
    names.addAll(now.values().keySet());
    names.removeIf(
        name ->
            before.values().getOrDefault(name, "\0").equals(now.values().getOrDefault(name, "\0")));
    return names;
  }

  private Change change(String name, String before, String after) throws IOException {
    boolean trees =
        name.startsWith("tree at ") && before.startsWith("sha256:") && after.startsWith("sha256:");
    return new Change(
        name,
        before,
        after,
        trees
            ? TreeChanges.between(
                blobs, new TreeId(Digest.parse(before)), new TreeId(Digest.parse(after)))
            : List.of());
  }
}
