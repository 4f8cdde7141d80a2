package dev.imgstore.builder.recipe;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The text that something was written in.
 *
 * @param file as the person named it; empty for the recipe itself
 * @param directory from the recipe's directory to the one of this text, plain but for leading
 *     {@code ..}; empty if they are the same
 * @param kept whether this is a recipe that a generation keeps: its paths already begin at the
 *     recipe's directory, those of its bases with {@code ..}
 */
record Origin(String file, String directory, boolean kept) {
  /** The recipe that is read. */
  static final Origin RECIPE = new Origin("", "", false);

  /** A recipe as a generation keeps it. */
  static final Origin KEPT = new Origin("", "", true);

  /** A recipe that the one that is read extends. */
  static Origin base(String file, String path) {
    int slash = path.lastIndexOf('/');
    return new Origin(file, slash < 0 ? "" : path.substring(0, slash), false);
  }

  /** What a path beside this text is, seen from the recipe. */
  String beside(String path) {
    return join(directory, path);
  }

  /** As {@link #beside}, of a path that may be absolute or in a person's home. */
  String anywhere(String path) {
    boolean elsewhere = path.startsWith("/") || path.startsWith("~/") || directory.isEmpty();
    return elsewhere ? path : beside(path);
  }

  /** What a path beside a file must be. */
  Rule rule() {
    return kept ? Rules.NEAR : Rules.BESIDE;
  }

  /**
   * The path from where a directory is seen, by its text alone: {@code a/..} is nothing, and {@code
   * ..} that nothing is left for stay in front.
   */
  static String join(String directory, String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (directory + "/" + path).split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return parts.isEmpty() ? "." : String.join("/", parts);
  }
}
