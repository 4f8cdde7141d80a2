package dev.imgstore.builder.steps;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is remembered of runs: logs, and what went in and out. */
public final class StepLogs {
  private final Actions actions;
  private final BlobReader blobs;

  /** Of one store. */
  public StepLogs(Actions actions, BlobReader blobs) {
    this.actions = actions;
    this.blobs = blobs;
  }

  /**
   * The actions of steps whose key begins with these digits; each stands for its log and its last
   * run, but may be another key than the action's own.
   */
  public List<ActionKey> startingWith(String hex) throws IOException {
    SortedMap<ActionKey, ActionKey> byLog = new TreeMap<>();
    for (ActionKey key : actions.startingWith(hex)) {
      ActionKey log = StepInputs.log(key);
      if (!actions.results(log).isEmpty()) {
        byLog.putIfAbsent(log, key);
      }
    }
    return List.copyOf(byLog.values());
  }

  /** The action that a step ran last. */
  public Optional<ActionKey> newest(String recipe, Platform platform, String step)
      throws IOException {
    for (Digest each : actions.results(StepInputs.history(recipe, platform, step))) {
      Optional<StepRecord> record = StepRecord.read(blobs, each);
      if (record.isPresent()) {
        return record.map(run -> run.inputs().key());
      }
    }
    return Optional.empty();
  }

  /** The newest log of an action. */
  public Optional<Digest> log(ActionKey action) throws IOException {
    return actions.results(StepInputs.log(action)).stream().findFirst();
  }

  /** The newest run of an action. */
  public Optional<StepRecord> run(ActionKey action) throws IOException {
    for (Digest each : actions.results(StepInputs.attempt(action))) {
      Optional<StepRecord> record = StepRecord.read(blobs, each);
      if (record.isPresent()) {
        return record;
      }
    }
    return Optional.empty();
  }
}
