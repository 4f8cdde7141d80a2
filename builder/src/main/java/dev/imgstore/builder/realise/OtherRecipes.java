package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.util.SortedMap;

/**
 * The trees of other recipes that steps have as their root. They are kept with a build beside the
 * local files, so that it can be repeated when the other recipe has changed.
 */
final class OtherRecipes {
  private OtherRecipes() {}

  static String name(Step.OfRecipe root, Platform platform) {
    return StepPorts.recipeName(root.path(), platform);
  }

  /** Adds the trees of all, built if needed. */
  static void read(Recipe recipe, StepPorts.RecipeRoots recipes, SortedMap<String, TreeId> locals)
      throws IOException, InterruptedException {
    for (Step step : recipe.steps()) {
      if (step.root() instanceof Step.OfRecipe other) {
        for (Platform platform : recipe.platforms()) {
          String name = name(other, platform);
          if (!locals.containsKey(name)) {
            locals.put(name, recipes.tree(other.path(), platform));
          }
        }
      }
    }
  }

  /** Adds the trees of those that are built. */
  static void readBuilt(
      Recipe recipe, StepPorts.RecipeRoots recipes, SortedMap<String, TreeId> locals)
      throws IOException, InterruptedException {
    for (Step step : recipe.steps()) {
      if (step.root() instanceof Step.OfRecipe other) {
        for (Platform platform : recipe.platforms()) {
          try {
            locals.put(name(other, platform), recipes.tree(other.path(), platform));
          } catch (StepPorts.NotBuilt e) {
            // The plan says so of the step that has it as its root.
          }
        }
      }
    }
  }
}
