package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** A step all whose inputs are trees: an action. */
record Prepared(
    Step step, StepInputs inputs, TreeId root, SortedMap<TreePath, Layout.Placed> placed) {
  Prepared {
    placed = Collections.unmodifiableSortedMap(new TreeMap<>(placed));
  }

  ActionKey key() {
    return inputs.key();
  }
}
