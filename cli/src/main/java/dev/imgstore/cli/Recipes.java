package dev.imgstore.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All the recipes of one command.
 *
 * @param all each an image, in the order typed
 * @param listed whether more than one image may have been meant: several recipes, a directory of
 *     them, or a matrix
 */
record Recipes(List<RecipeFile> all, boolean listed) {
  /**
   * Reads what words name: a recipe's file, its directory, or a directory whose directories hold
   * recipes. All mistakes of all of them are told at once; a file named twice is read once.
   */
  static Recipes read(Context context, List<String> typed, SortedMap<String, String> settings)
      throws IOException {
    RecipeMistakes mistakes = new RecipeMistakes();
    List<RecipeFile> all = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    boolean listed = false;
    for (String word : typed) {
      List<String> found = below(context, word);
      listed |= !found.equals(List.of(word)) || typed.size() > 1;
      for (String each : found) {
        if (seen.add(real(context, each))) {
          all.addAll(RecipeFile.read(context, each, settings, mistakes));
        }
      }
    }
    for (RecipeFile each : all) {
      try {
        each.requireFiles(mistakes);
      } catch (CommandFailure e) {
        mistakes.add(e);
      }
      listed |= !each.variant().label().isEmpty();
    }
    refuseOneNameTwice(all, mistakes);
    mistakes.orThrow();
    return new Recipes(all, listed);
  }

  /** The recipes that a word names. */
  private static List<String> below(Context context, String word) throws IOException {
    Path directory = context.path(word);
    if (!Files.isDirectory(directory) || Files.exists(directory.resolve(RecipeFile.NAME))) {
      return List.of(word);
    }
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".") && Files.isRegularFile(entry.resolve(RecipeFile.NAME))) {
          found.add(Path.of(word).resolve(name).resolve(RecipeFile.NAME).toString());
        }
      }
    }
    Collections.sort(found);
    return found.isEmpty() ? List.of(word) : found;
  }

  private static Path real(Context context, String word) throws IOException {
    Path file = context.path(word);
    Path recipe = Files.isDirectory(file) ? file.resolve(RecipeFile.NAME) : file;
    return Files.exists(recipe) ? recipe.toRealPath() : recipe;
  }

  /** Each would replace the other's image in the history of one profile. */
  private static void refuseOneNameTwice(List<RecipeFile> all, RecipeMistakes mistakes) {
    Map<String, RecipeFile> names = new TreeMap<>();
    for (RecipeFile each : all) {
      RecipeFile other = names.putIfAbsent(each.recipe().name(), each);
      if (other != null) {
        mistakes.add(
            new CommandFailure(
                ExitCode.USAGE,
                each.file()
                    + " and "
                    + other.file()
                    + " both have the name, and so the profile, "
                    + each.recipe().name()
                    + "; give one of them another"));
      }
    }
  }
}
