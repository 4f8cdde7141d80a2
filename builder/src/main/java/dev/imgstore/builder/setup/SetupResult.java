package dev.imgstore.builder.setup;

import dev.imgstore.model.TreeId;
import java.util.List;
import java.util.Objects;

/**
 * A tree that works without its scripts having run.
 *
 * @param unhandled what scripts would have done besides, sorted
 */
public record SetupResult(TreeId tree, List<Unhandled> unhandled) {
  /** Copies in; sorts. */
  public SetupResult {
    Objects.requireNonNull(tree);
    unhandled = unhandled.stream().sorted().distinct().toList();
  }
}
