package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The steps of one platform, with the trees that are no step's.
 *
 * @param recipe its name
 * @param steps sorted by name, without circles
 * @param roots by the name of the step, of all whose root is made of packages or of a recipe
 * @param locals by path as in {@link Step.Local}, each with one entry: what the path stood for
 * @param named the recipe's inputs that steps use
 */
public record StepsRequest(
    String recipe,
    Platform platform,
    long epoch,
    List<Step> steps,
    SortedMap<String, TreeId> roots,
    SortedMap<String, TreeId> locals,
    SortedMap<String, TreeId> named) {
  /** Copies in. */
  public StepsRequest {
    steps = List.copyOf(steps);
    roots = Collections.unmodifiableSortedMap(new TreeMap<>(roots));
    locals = Collections.unmodifiableSortedMap(new TreeMap<>(locals));
    named = Collections.unmodifiableSortedMap(new TreeMap<>(named));
  }
}
