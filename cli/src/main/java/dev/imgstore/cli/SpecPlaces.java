package dev.imgstore.cli;

import java.io.IOException;
import java.nio.file.Path;

/** What pins call the files that say them. */
final class SpecPlaces {
  private SpecPlaces() {}

  /** The absolute path of a file, without links in the directories above it; it need not exist. */
  static String name(Context context, String typed) {
    Path path = context.path(typed).toAbsolutePath();
    Path parent = path.getParent();
    Path file = path.getFileName();
    if (parent == null || file == null) {
      return path.toString();
    }
    try {
      return parent.toRealPath().resolve(file).toString();
    } catch (IOException e) {
      return path.toString(); // the directory is gone as well, or may not be read
    }
  }
}
