package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.steps.StepLogs;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The run of a step that a person names: by its key, or as the last one of a recipe's step. */
final class StepActions {
  private static final Pattern KEY = Pattern.compile("(?:sha256:)?([0-9a-f]{6,64})");

  private final Imgstore root;
  private final StepLogs logs;

  StepActions(Imgstore root, Store store) {
    this.root = root;
    this.logs = new StepLogs(store.actions(), store.blobs());
  }

  StepLogs logs() {
    return logs;
  }

  /**
   * Finds it.
   *
   * @param typed a key or its beginning, or a recipe's path
   * @param step empty after a key
   */
  ActionKey find(String typed, String step) throws IOException {
    Matcher key = KEY.matcher(typed);
    if (step.isEmpty() && key.matches()) {
      List<ActionKey> found = logs.startingWith(key.group(1));
      if (found.size() == 1) {
        return found.get(0);
      }
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          found.isEmpty()
              ? "no step ran with a key that begins with " + key.group(1)
              : key.group(1) + " is the beginning of several keys; write more of it");
    }
    Recipe recipe = RecipeFile.read(root.context(), typed, new TreeMap<>()).recipe();
    List<String> names = new ArrayList<>();
    recipe.steps().forEach(each -> names.add(each.name()));
    if (!names.contains(step)) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          (step.isEmpty() ? "which step of " + typed + "?" : typed + " has no step " + step + ";")
              + (names.isEmpty() ? " it has none" : " it has " + String.join(", ", names)));
    }
    for (Platform platform : recipe.platforms()) {
      var newest = logs.newest(recipe.name(), platform, step);
      if (newest.isPresent()) {
        return newest.get();
      }
    }
    throw new CommandFailure(
        ExitCode.UNKNOWN, "the step " + step + " has not run here, or its log was collected");
  }
}
