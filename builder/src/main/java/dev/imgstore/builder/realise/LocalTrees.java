package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The files beside a recipe, taken into the store. */
final class LocalTrees {
  /** The one entry of each tree: what the path stood for. */
  static final Name ENTRY = Name.of("entry");

  private LocalTrees() {}

  /**
   * Every path that a recipe's files, inputs and steps take from, as the entry {@link #ENTRY} of a
   * tree of its own.
   *
   * @throws FileNotFoundException naming the path that is not there
   */
  static SortedMap<String, TreeId> read(Recipe recipe, LocalFiles files, BlobStore blobs)
      throws IOException {
    SortedSet<String> paths = new TreeSet<>();
    for (FileEntry entry : recipe.files()) {
      if (entry instanceof FileEntry.Copied copied) {
        paths.add(copied.from());
      }
    }
    for (InputSource source : recipe.inputs().values()) {
      if (source instanceof InputSource.Local local) {
        paths.add(local.path());
      }
    }
    recipe.steps().forEach(step -> paths.addAll(paths(step)));
    SortedMap<String, TreeId> trees = new TreeMap<>();
    for (String from : paths) {
      TreeId tree =
          files
              .take(from, ENTRY, blobs)
              .orElseThrow(
                  () ->
                      new FileNotFoundException(
                          "the recipe takes "
                              + from
                              + ", and there is no such file or directory beside it"));
      trees.put(from, tree);
    }
    return trees;
  }

  /** The paths beside the recipe that a step takes. */
  private static List<String> paths(Step step) {
    List<String> paths = new ArrayList<>();
    step.inputs().forEach(input -> path(input.source(), paths));
    if (step.root() instanceof Step.OfTree tree) {
      path(tree.source(), paths);
    }
    return paths;
  }

  private static void path(Step.Source source, List<String> paths) {
    if (source instanceof Step.Local local) {
      paths.add(local.path());
    }
  }
}
