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
      description = "The recipe's file, or the directory of a recipe.yaml.")
  String file;

  @Option(names = "--set", paramLabel = "NAME=VALUE", description = "A variable of the recipe.")
  List<String> set = new ArrayList<>();

  @Override
  boolean makesStore() {
    return true;
  }

  /** All steps, each after those it needs. */
  List<StepsPlan.Planned> planned(Store store) throws IOException, InterruptedException {
    return new StepPlans(root(), store).of(file, set);
  }
}
