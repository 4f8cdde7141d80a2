package dev.imgstore.builder.check;

import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.util.Optional;

/**
 * A path at which two trees differ.
 *
 * @param what content, mode, owner, target, attributes, or that it is there only once
 * @param was empty if it is new
 * @param is empty if it is gone
 */
public record Difference(TreePath path, String what, Side was, Side is) {
  /** What is there in one of the trees. */
  public record Side(java.util.List<Node> node) {
    /** Copies in. */
    public Side {
      node = java.util.List.copyOf(node);
    }

    Optional<Node> get() {
      return node.stream().findFirst();
    }
  }
}
