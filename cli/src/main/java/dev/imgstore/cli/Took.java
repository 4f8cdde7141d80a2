package dev.imgstore.cli;

import java.time.Duration;
import java.util.Locale;

/** How long something took, for people. */
final class Took {
  private Took() {}

  /** {@code 0.3 s}, {@code 12 s}, {@code 3 min 5 s}; a dash if it is not known. */
  static String text(Duration took) {
    long millis = took.toMillis();
    if (millis == 0) {
      return "-";
    }
    if (millis < 10_000) {
      return String.format(Locale.ROOT, "%.1f s", Math.max(0.1, millis / 1000.0));
    }
    long seconds = Math.round(millis / 1000.0);
    return seconds < 60 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
  }
}
