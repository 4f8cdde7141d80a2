package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Rerun;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.steps.StepsAgain;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.builder.steps.StepsRequest;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Actions;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** All actions of a build that ran programs, ready to run again until this is closed. */
final class Reruns implements Closeable {
  private final Results results;
  private final Transaction transaction;
  private final ImageBuilder.Ports ports;
  private final StepsAgain again;
  private final List<Rerun> all = new ArrayList<>();

  /**
   * Over a store.
   *
   * @param actions what is recorded
   * @param order of the entries in the directories of what steps are given
   */
  Reruns(
      Store store,
      Actions actions,
      Transaction transaction,
      ImageBuilder.Ports ports,
      Surroundings.Order order) {
    this.results = new Results(actions);
    this.transaction = transaction;
    this.ports = ports;
    this.again = new StepsAgain(store, actions, transaction, ports.steps(), ports.ids(), order);
  }

  /** Those of a platform; what is not recorded of them any more is made and recorded first. */
  void add(
      ImageBuilder.Request request,
      Platform platform,
      SortedMap<String, TreeId> locals,
      SortedMap<ActionKey, Digest> fresh,
      StepsBuild steps)
      throws IOException, InterruptedException {
    Recipe recipe = request.recipe();
    add(
        new Installation(
                recipe,
                platform,
                "",
                request.lock().of(platform),
                results,
                transaction,
                ports,
                fresh)
            .again(Reproduction.SCRIPTS));
    if (recipe.steps().isEmpty()) {
      return;
    }
    StepRoots roots =
        new StepRoots(
            request,
            platform,
            new RealisedInputs(
                request, platform, locals, results, transaction, fresh, Progress.NONE),
            results,
            transaction,
            ports,
            fresh);
    for (Map.Entry<String, Step.Packages> each : recipe.packageRoots().entrySet()) {
      add(roots.installation(each.getKey(), each.getValue()).again(scriptsOf(each.getKey())));
    }
    StepsRequest wanted = roots.steps(locals);
    Map<Step.Output, TreeId> outputs = steps.run(wanted);
    if (steps.ran() > 0) {
      transaction.flush();
      steps.keep();
    }
    for (StepsAgain.Action action : again.actions(wanted, outputs)) {
      all.add(new StepAgain(again, action, platform, ports.steps().processors()));
    }
  }

  /** What the scripts of the packages of a step's root are called. */
  static String scriptsOf(String root) {
    return Reproduction.SCRIPTS + " of the root " + root;
  }

  private void add(Optional<Rerun> rerun) {
    rerun.ifPresent(all::add);
  }

  List<Rerun> all() {
    return all;
  }

  @Override
  public void close() {
    again.close();
  }
}
