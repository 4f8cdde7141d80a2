package dev.imgstore.cli;

import dev.imgstore.builder.steps.StepsPlan;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command about what a build would do with the steps of a recipe. */
abstract class StepsCommand extends StoreCommand {
  @Parameters(
      paramLabel = "RECIPE",
      arity = "1..*",
      description =
          "A recipe's file, or the directory of a recipe.yaml, or one whose directories"
              + " have one each.")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A variable of the recipe; of its matrix, which images.")
  List<String> set = new ArrayList<>();

  @Override
  boolean makesStore() {
    return true;
  }

  /** The steps of all images, each step after those it needs. */
  StepPlans planned(Store store) throws IOException, InterruptedException {
    StepPlans plans =
        StepPlans.of(
            root(), store, Recipes.read(root().context(), files, RecipeFile.settings(set)));
    boolean runs = plans.all().stream().anyMatch(each -> mayRun(each.step()));
    if (runs && !CachePlaces.read(root()).names().isEmpty()) {
      root().notice("shared caches are not asked for this: what will run may come from one");
    }
    return plans;
  }

  static boolean mayRun(StepsPlan.Planned step) {
    return step.state() == StepsPlan.State.WILL_RUN || step.state() == StepsPlan.State.UNKNOWN;
  }
}
