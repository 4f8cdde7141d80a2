package dev.imgstore.store.disk;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Instants in the spelling of {@link Instant#toString} (ISO 8601). The usual ones, whole seconds of
 * years with four digits, are read and written here: the JDK's formatter takes 20 µs for each
 * before it is compiled, and a profile has thousands.
 */
final class Times {
  private static final String SHAPE = "dddd-dd-ddTdd:dd:ddZ";
  private static final int DAY = 24 * 60 * 60;
  private static final long FIRST = LocalDate.of(1000, 1, 1).toEpochDay() * DAY;
  private static final long END = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY;

  private Times() {}

  /** As {@link Instant#toString}. */
  static String print(Instant instant) {
    long seconds = instant.getEpochSecond();
    if (instant.getNano() != 0 || seconds < FIRST || seconds >= END) {
      return instant.toString();
    }
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, DAY));
    int time = Math.floorMod(seconds, DAY);
    StringBuilder out = new StringBuilder(SHAPE.length()).append(date.getYear());
    two(out.append('-'), date.getMonthValue());
    two(out.append('-'), date.getDayOfMonth());
    two(out.append('T'), time / 3600);
    two(out.append(':'), time / 60 % 60);
    two(out.append(':'), time % 60);
    return out.append('Z').toString();
  }

  private static void two(StringBuilder out, int number) {
    out.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  /**
   * As {@link Instant#parse}.
   *
   * @throws java.time.DateTimeException if it is no instant
   */
  static Instant parse(String text) {
    if (!isUsual(text)) {
      return Instant.parse(text);
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return Instant.parse(text); // the end of a day, a leap second, or none at all
    }
    LocalDate date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
    return Instant.ofEpochSecond(date.toEpochDay() * DAY + hour * 3600L + minute * 60L + second);
  }

  private static boolean isUsual(String text) {
    if (text.length() != SHAPE.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (SHAPE.charAt(i) == 'd' ? c < '0' || c > '9' : c != SHAPE.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = 10 * number + text.charAt(i) - '0';
    }
    return number;
  }
}
