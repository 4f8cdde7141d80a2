package dev.imgstore.builder.pack;

import dev.imgstore.model.TreePath;
import java.io.IOException;

/** A tree holds something that no image layer can say. */
public final class PackException extends IOException {
  private static final long serialVersionUID = 1L;
  private final transient TreePath path;

  /**
   * Names the entry.
   *
   * @param why what is wrong with it and what to do, as the rest of a sentence
   */
  public PackException(TreePath path, String why) {
    super("cannot pack " + path + " into an image layer: " + why);
    this.path = path;
  }

  /** The entry concerned. */
  public TreePath path() {
    return path;
  }
}
