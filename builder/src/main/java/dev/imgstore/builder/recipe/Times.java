package dev.imgstore.builder.recipe;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time and spans of it, as people write them. */
final class Times {
  /** The last second of the year 9999. */
  static final long LATEST = 253_402_300_799L;

  private static final long MILLISECOND = 1_000_000L;
  private static final long YEAR = 365L * 24 * 3_600_000 * MILLISECOND;
  private static final Map<String, Long> UNITS =
      Map.of(
          "h", 3_600_000 * MILLISECOND,
          "m", 60_000 * MILLISECOND,
          "s", 1_000 * MILLISECOND,
          "ms", MILLISECOND);
  private static final Pattern PIECE = Pattern.compile("([0-9]{1,12})(h|ms|m|s)");

  private Times() {}

  /** Seconds since 1970, written as a number or like {@code 2024-01-01T00:00:00Z}. */
  static Parsed<Long> seconds(String text) {
    if (text.matches("0|[1-9][0-9]{0,11}") && Long.parseLong(text) <= LATEST) {
      return new Parsed.Good<>(Long.parseLong(text));
    }
    try {
      Instant instant = Instant.parse(text);
      long seconds = instant.getEpochSecond();
      if (instant.equals(Instant.ofEpochSecond(seconds)) && seconds >= 0 && seconds <= LATEST) {
        return new Parsed.Good<>(seconds);
      }
    } catch (DateTimeException e) {
      // Told below, with what would be right.
    }
    return new Parsed.Bad<>(
        Complaints.quote(text)
            + " is no time; write seconds since 1970 or a time in whole seconds like"
            + " `2024-01-01T00:00:00Z`, until the year 9999");
  }

  /** Nanoseconds of a span like {@code 30s} or {@code 1m30s}; 0 or at least a millisecond. */
  static Parsed<Long> nanos(String text) {
    Matcher piece = PIECE.matcher(text);
    long nanos = 0;
    int at = 0;
    while (at < text.length() && piece.find(at) && piece.start() == at && nanos <= YEAR) {
      long count = Long.parseLong(piece.group(1));
      long unit = UNITS.getOrDefault(piece.group(2), 0L);
      nanos = count > YEAR / unit ? YEAR + 1 : nanos + count * unit;
      at = piece.end();
    }
    if (text.isEmpty() || at < text.length() || nanos > YEAR) {
      return new Parsed.Bad<>(
          Complaints.quote(text)
              + " is no span of time up to a year; it looks like `30s`, `1m30s` or `500ms`");
    }
    return new Parsed.Good<>(nanos);
  }
}
