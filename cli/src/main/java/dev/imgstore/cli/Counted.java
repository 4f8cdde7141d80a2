package dev.imgstore.cli;

import java.util.List;

/** Numbers and lists in notices. */
final class Counted {
  private static final int SHOWN = 5;

  private Counted() {}

  /** {@code 1 file was} or {@code 7 files were}. */
  static String of(long count, String one, String several) {
    return count + " " + (count == 1 ? one : several);
  }

  /** The first few, separated by commas. */
  static String some(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() > SHOWN ? first + ", ..." : first;
  }
}
