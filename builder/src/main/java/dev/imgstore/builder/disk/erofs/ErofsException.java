package dev.imgstore.builder.disk.erofs;

import dev.imgstore.model.TreePath;
import java.io.IOException;

/** A tree, or one entry of it, that no EROFS file system can hold; nothing was written. */
public final class ErofsException extends IOException {
  private static final long serialVersionUID = 1L;

  ErofsException(String message) {
    super(message);
  }

  /** Names the entry; {@code why} is the rest of the sentence and what to do. */
  ErofsException(TreePath path, String why) {
    super("cannot put " + path + " into an EROFS file system: " + why);
  }
}
