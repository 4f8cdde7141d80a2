package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.Progress;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What a build of a recipe would run, asked of a store that is not changed. */
final class StepPlans {
  private final Imgstore root;
  private final Store store;

  StepPlans(Imgstore root, Store store) {
    this.root = root;
    this.store = store;
  }

  /** All steps of all platforms, each after those it needs. */
  List<StepsPlan.Planned> of(String typed, List<String> set)
      throws IOException, InterruptedException {
    RecipeFile recipe = RecipeFile.read(root.context(), typed, RecipeFile.settings(set));
    recipe.requireFiles();
    if (recipe.recipe().steps().isEmpty()) {
      return List.of();
    }
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      return builder(recipe, pool).plan(request(recipe));
    } finally {
      pool.shutdownNow();
    }
  }

  private ImageBuilder builder(RecipeFile recipe, ExecutorService pool) {
    Machine machine = new Machine(root.context(), root::notice);
    StepWiring wiring = new StepWiring(root.context(), recipe, 0, StepPorts.OnFail.DROP);
    return new ImageBuilder(
        store,
        new ImageBuilder.Ports(
            Fetching.offline(),
            machine::ids,
            pool,
            pool,
            Progress.NONE,
            wiring.ports((path, platform) -> other(recipe, path, platform, pool))));
  }

  private ImageBuilder.Request request(RecipeFile recipe) throws IOException {
    Optional<Lock> lock = recipe.lock();
    if (lock.isEmpty() || !LockCommand.isCurrent(root, recipe, lock.get())) {
      throw new CommandFailure(
          ExitCode.USAGE,
          recipe.lockFile()
              + " is not there, or of an earlier recipe; run imgstore lock "
              + recipe.file());
    }
    return new ImageBuilder.Request(
        recipe.recipe(),
        recipe.text(),
        recipe.settings(),
        lock.get(),
        Bytes.of(LockCodec.write(lock.get())),
        recipe.directory().into((DiskStore) store, root.home(), root.context().clock().instant()));
  }

  private TreeId other(RecipeFile of, String path, Platform platform, ExecutorService pool)
      throws IOException, InterruptedException {
    RecipeFile all = of.beside(root.context(), path, platform);
    RecipeFile one = all.withRecipe(all.recipe().withPlatforms(List.of(platform)));
    return builder(one, pool)
        .known(request(one))
        .map(known -> known.record().parts().get(0).tree())
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.USAGE,
                    one.file()
                        + " is the root of a step and changed since it was built; run imgstore"
                        + " build "
                        + one.file()
                        + " first"));
  }

  /** As an array for {@code --json}. */
  static ObjectNode json(List<StepsPlan.Planned> steps) {
    ObjectNode json = StoreCommand.object();
    ArrayNode list = json.putArray("steps");
    for (StepsPlan.Planned step : steps) {
      ObjectNode one =
          list.addObject()
              .put("platform", step.platform().toString())
              .put("step", step.step())
              .put("state", state(step.state()))
              .put("key", step.key())
              .put("reason", step.reason());
      ArrayNode upstream = one.putArray("upstream");
      step.upstream().forEach(upstream::add);
      ArrayNode changes = one.putArray("changes");
      for (StepsPlan.Change change : step.changes()) {
        ArrayNode paths =
            changes
                .addObject()
                .put("input", change.input())
                .put("before", change.before())
                .put("after", change.after())
                .putArray("paths");
        change.paths().forEach(paths::add);
      }
    }
    return json;
  }

  private static String state(StepsPlan.State state) {
    return switch (state) {
      case WILL_RUN -> "run";
      case REUSED -> "reused";
      case DEPENDS -> "depends";
    };
  }

  /** The step's name, with its platform where the recipe has several. */
  static String name(StepsPlan.Planned step, List<StepsPlan.Planned> all) {
    boolean several = all.stream().map(StepsPlan.Planned::platform).distinct().count() > 1;
    return several ? step.step() + " (" + step.platform() + ")" : step.step();
  }
}
