package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.TreePath;
import java.io.IOException;

/**
 * A tree, or one entry of it, that no ext4 file system of this size or kind can hold; nothing was
 * written.
 */
public final class Ext4Exception extends IOException {
  private static final long serialVersionUID = 1L;

  Ext4Exception(String message) {
    super(message);
  }

  /** Names the entry; {@code why} is the rest of the sentence and what to do. */
  Ext4Exception(TreePath path, String why) {
    super("cannot put " + path + " into an ext4 file system: " + why);
  }
}
