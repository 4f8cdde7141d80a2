package dev.imgstore.builder.tree;

import dev.imgstore.model.TreePath;
import java.io.IOException;

/** A change that a tree, such as it is, does not allow. */
public final class TreeFault extends IOException {
  private static final long serialVersionUID = 1L;
  private final transient TreePath path;

  /**
   * One sentence: the path, then what is wrong there.
   *
   * @param fault what is wrong, without a full stop
   */
  public TreeFault(TreePath path, String fault) {
    super(path + ": " + fault);
    this.path = path;
  }

  /** Where. */
  public TreePath path() {
    return path;
  }
}
