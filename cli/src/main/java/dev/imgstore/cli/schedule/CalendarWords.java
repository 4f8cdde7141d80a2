package dev.imgstore.cli.schedule;

import dev.imgstore.builder.recipe.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A calendar's words as the cron expression that they mean. */
final class CalendarWords {
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
  private static final List<String> FIRST =
      List.of("hourly", "daily", "weekly", "monthly", "every");
  private static final String TIME = "(?: (?<hour>[01]?[0-9]|2[0-3]):(?<minute>[0-5][0-9]))?";
  private static final Pattern HOURLY = Pattern.compile("hourly(?: :(?<minute>[0-5][0-9]))?");
  private static final Pattern DAILY = Pattern.compile("daily" + TIME);
  private static final Pattern WEEKLY =
      Pattern.compile("weekly(?: (?<day>" + String.join("|", DAYS) + ")[a-z]*)?" + TIME);
  private static final Pattern MONTHLY =
      Pattern.compile("monthly(?: (?<day>[1-9]|[12][0-9]|3[01]))?" + TIME);
  private static final Pattern EVERY =
      Pattern.compile("every (?<number>[1-9][0-9]?) ?(?<unit>[mh])");
  private static final int DAY_OF_ALL_MONTHS = 28;

  private CalendarWords() {}

  /**
   * The expression; what does not begin with one of our words is given back as it is.
   *
   * @throws IllegalArgumentException with a sentence
   */
  static String expression(String typed) {
    String words = typed.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    if (words.startsWith("@")) {
      words = words.substring(1);
    }
    String first = words.split(" ", 2)[0];
    return switch (first) {
      case "hourly" -> number(minute(words, typed)) + " * * * *";
      case "daily" -> time(matched(DAILY, words, typed, "'daily 03:00'")) + " * * *";
      case "weekly" -> weekly(matched(WEEKLY, words, typed, "'weekly sun 03:00'"));
      case "monthly" -> monthly(matched(MONTHLY, words, typed, "'monthly 1 03:00'"), typed);
      case "every" -> every(matched(EVERY, words, typed, "'every 15m' or 'every 6h'"), typed);
      default -> cron(words, first, typed);
    };
  }

  private static String cron(String words, String first, String typed) {
    if (Character.isLetter(first.isEmpty() ? '*' : first.charAt(0))) {
      throw new IllegalArgumentException("'" + typed + "' is no time to run at: " + nearest(first));
    }
    return words;
  }

  private static @Nullable String minute(String words, String typed) {
    return matched(HOURLY, words, typed, "'hourly' or 'hourly :15'").group("minute");
  }

  private static String weekly(Matcher of) {
    String day = of.group("day");
    return time(of) + " * * " + (day == null ? 0 : DAYS.indexOf(day));
  }

  private static String nearest(String first) {
    return Nearest.of(first, FIRST).map(word -> "did you mean " + word + "? ").orElse("")
        + "write hourly, 'daily 03:00', 'weekly sun 03:00', 'monthly 1 03:00', 'every 15m', or the"
        + " five fields of a line of cron";
  }

  private static Matcher matched(Pattern pattern, String words, String typed, String example) {
    Matcher matcher = pattern.matcher(words);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + typed + "' is no time to run at: write it as " + example);
    }
    return matcher;
  }

  private static String time(Matcher of) {
    return number(of.group("minute")) + " " + number(of.group("hour"));
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static String monthly(Matcher of, String typed) {
    int day = Math.max(1, number(of.group("day")));
    if (day > DAY_OF_ALL_MONTHS) {
      throw new IllegalArgumentException(
          "'" + typed + "': not every month has a day " + day + "; take one of the first 28");
    }
    return time(of) + " " + day + " * *";
  }

  private static String every(Matcher of, String typed) {
    int number = number(of.group("number"));
    boolean isMinutes = of.group("unit").equals("m");
    int whole = isMinutes ? 60 : 24;
    if (whole % number != 0 || (number == whole && isMinutes)) {
      throw new IllegalArgumentException(
          "'"
              + typed
              + "': take a number that divides "
              + (isMinutes ? "an hour, as 5m, 15m or 30m" : "a day, as 1h, 6h or 12h"));
    }
    if (isMinutes) {
      return (number == 1 ? "*" : "*/" + number) + " * * * *";
    }
    return "0 " + (number == 1 ? "*" : number == whole ? "0" : "*/" + number) + " * * *";
  }
}
