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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What a build of recipes would run, asked of a store that is not changed. */
final class StepPlans {
  private final Imgstore root;
  private final Store store;
  private final Recipes recipes;
  private final List<Of> all = new ArrayList<>();

  /**
   * A step of an image.
   *
   * @param several whether its recipe has other platforms too
   */
  record Of(RecipeFile recipe, StepsPlan.Planned step, boolean several) {}

  private StepPlans(Imgstore root, Store store, Recipes recipes) {
    this.root = root;
    this.store = store;
    this.recipes = recipes;
  }

  /** All steps of all platforms of all images, each after those it needs. */
  static StepPlans of(Imgstore root, Store store, Recipes recipes)
      throws IOException, InterruptedException {
    StepPlans plans = new StepPlans(root, store, recipes);
    RecipeMistakes mistakes = new RecipeMistakes();
    for (RecipeFile each : recipes.all()) {
      try {
        plans.add(each);
      } catch (CommandFailure e) {
        mistakes.add(e);
      }
    }
    mistakes.orThrow();
    return plans;
  }

  List<Of> all() {
    return all;
  }

  private void add(RecipeFile recipe) throws IOException, InterruptedException {
    if (recipe.recipe().steps().isEmpty()) {
      return;
    }
    boolean several = recipe.recipe().platforms().size() > 1;
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      for (StepsPlan.Planned step : builder(recipe, pool).plan(request(recipe))) {
        all.add(new Of(recipe, step, several));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private ImageBuilder builder(RecipeFile recipe, ExecutorService pool) {
    Machine machine = new Machine(root, root::notice);
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
    if (lock.isEmpty() || !isLocked(recipe)) {
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

  private boolean isLocked(RecipeFile recipe) throws IOException {
    Optional<Lock> lock = recipe.lock();
    return lock.isPresent() && LockCommand.isCurrent(root, recipe, lock.get());
  }

  private TreeId other(RecipeFile of, String path, Platform platform, ExecutorService pool)
      throws IOException, InterruptedException {
    RecipeFile all = of.beside(root.context(), path, platform);
    RecipeFile one = all.withRecipe(all.recipe().withPlatforms(List.of(platform)));
    if (!isLocked(one)) {
      throw new StepPorts.NotBuilt(path);
    }
    return builder(one, pool)
        .known(request(one))
        .map(known -> known.record().parts().get(0).tree())
        .orElseThrow(() -> new StepPorts.NotBuilt(path));
  }

  /** As an array for {@code --json}. */
  static ObjectNode json(List<Of> steps) {
    ObjectNode json = StoreCommand.object();
    ArrayNode list = json.putArray("steps");
    for (Of each : steps) {
      StepsPlan.Planned step = each.step();
      ObjectNode one =
          list.addObject()
              .put("image", each.recipe().recipe().name())
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
      case UNKNOWN -> "unknown";
    };
  }

  /** The step's name, with its image and platform where there are several. */
  String name(Of of) {
    String name = of.step().step();
    String image = recipes.listed() ? of.recipe().recipe().name() + ": " : "";
    return image + (of.several() ? name + " (" + of.step().platform() + ")" : name);
  }

  /** What is said if there are none. */
  String none() {
    return recipes.listed() ? "the recipes have no steps\n" : "the recipe has no steps\n";
  }
}
