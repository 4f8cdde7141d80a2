package dev.imgstore.builder.setup;

import java.util.Comparator;

/**
 * Something a maintainer script would do that was not done.
 *
 * @param packageName the package
 * @param script {@code preinst}, {@code postinst}, or the handler that gave up
 * @param line from 1; 0 for the whole script
 * @param text the line, trimmed, or what was not done
 */
public record Unhandled(String packageName, String script, int line, String text)
    implements Comparable<Unhandled> {
  private static final Comparator<Unhandled> ORDER =
      Comparator.comparing(Unhandled::packageName)
          .thenComparing(Unhandled::script)
          .thenComparing(Unhandled::line)
          .thenComparing(Unhandled::text);

  @Override
  public int compareTo(Unhandled other) {
    return ORDER.compare(this, other);
  }
}
