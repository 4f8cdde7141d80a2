package dev.imgstore.cli.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Moments that recur, in the local time of whoever asks: five fields as in crontab(5), read by
 * cron-utils, which also finds the next local time that fits. What becomes of local times that are
 * not there, or there twice, is decided here as cron(8) does: at a fixed time it runs once a day,
 * at the first moment after a gap, and the first time of two; what recurs each hour or more often
 * goes by the clock on the wall in each of two equal hours.
 *
 * <p>Immutable.
 */
public final class Timetable {
  private static final int MINUTE = 0;
  private static final int HOUR = 1;
  private static final int DAY = 2;
  private static final int MONTH = 3;
  private static final int WEEKDAY = 4;
  private static final int[] LOWEST = {0, 0, 1, 1, 0};
  private static final int[] HIGHEST = {59, 23, 31, 12, 7};

  /** {@code 5/20} is read in different ways. */
  private static final Pattern STEP_OF_ONE = Pattern.compile("(.*[, ])?[0-9]+/[0-9]+([, ].*)?");

  /** What a search for a rare day may meet of changes of the clock: some forty years. */
  private static final int MOST_CHANGES = 100;

  private final String typed;
  private final String[] fields;
  private final ExecutionTime times;

  private Timetable(String typed, Cron cron) {
    this.typed = typed;
    this.fields = cron.asString().split(" ", -1);
    this.times = ExecutionTime.forCron(cron);
  }

  /**
   * Reads a calendar's words, see {@link CalendarWords}, or a cron expression.
   *
   * @throws IllegalArgumentException with a sentence that says what to write instead
   */
  public static Timetable parse(String typed) {
    String expression = CalendarWords.expression(typed);
    if (STEP_OF_ONE.matcher(expression).matches()) {
      throw refused(typed, "a step wants a range, as 5-59/20, or */20");
    }
    Timetable read;
    try {
      CronParser parser =
          new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
      read = new Timetable(typed.strip(), parser.parse(expression).validate());
    } catch (IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw refused(typed, String.valueOf(cause.getMessage()), e);
    }
    boolean both = !read.isAll(DAY) && !read.isAll(WEEKDAY);
    if (both && (read.fields[DAY].startsWith("*") || read.fields[WEEKDAY].startsWith("*"))) {
      throw refused(
          typed, "a step over all days together with a day of the week means different things");
    }
    if (read.local(LocalDateTime.of(2000, 1, 1, 0, 0)).isEmpty()) {
      throw refused(typed, "there is no such day");
    }
    return read;
  }

  private static IllegalArgumentException refused(String typed, String why) {
    return refused(typed, why, null);
  }

  private static IllegalArgumentException refused(
      String typed, String why, @Nullable Throwable cause) {
    String sentence = why.replaceAll("[\\p{Cntrl}]", " ");
    return new IllegalArgumentException(
        "'" + typed + "' is no time to run at, read as a line of cron: " + sentence, cause);
  }

  /** As a person wrote it. */
  public String typed() {
    return typed;
  }

  /** Five fields for crontab(5), with numbers for names. */
  public String expression() {
    return String.join(" ", fields);
  }

  /** The first moment after this one; empty if there is none. */
  public Optional<Instant> next(Instant after, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    ZoneOffset offset = rules.getOffset(after);
    LocalDateTime from = LocalDateTime.ofInstant(after, offset);
    if (isAtFixedTimes()) {
      from = pastRepeated(rules.previousTransition(after.plusNanos(1)), from);
    }
    Instant at = after;
    for (int changes = 0; changes < MOST_CHANGES; changes++) {
      Optional<LocalDateTime> found = local(from);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      ZoneOffsetTransition change = rules.nextTransition(at);
      Instant moment = found.get().toInstant(offset);
      if (change == null || moment.isBefore(change.getInstant())) {
        return Optional.of(moment);
      }
      at = change.getInstant();
      offset = change.getOffsetAfter();
      if (isAtFixedTimes() && change.isGap() && found.get().isBefore(change.getDateTimeAfter())) {
        return Optional.of(at);
      }
      from = change.getDateTimeAfter().minusSeconds(1);
      if (isAtFixedTimes()) {
        from = pastRepeated(change, from);
      }
    }
    return Optional.empty();
  }

  /** So many of the next moments, or all there are. */
  public List<Instant> next(Instant after, ZoneId zone, int count) {
    List<Instant> moments = new ArrayList<>();
    Optional<Instant> moment = next(after, zone);
    while (moment.isPresent() && moments.size() < count) {
      moments.add(moment.get());
      moment = next(moment.get(), zone);
    }
    return moments;
  }

  /** As vixie cron's wild cards: neither minute nor hour begins with a star. */
  private boolean isAtFixedTimes() {
    return !fields[MINUTE].startsWith("*") && !fields[HOUR].startsWith("*");
  }

  /** In an hour that is there twice nothing is searched the second time. */
  private static LocalDateTime pastRepeated(
      @Nullable ZoneOffsetTransition change, LocalDateTime from) {
    return change != null && change.isOverlap() && from.isBefore(change.getDateTimeBefore())
        ? change.getDateTimeBefore().minusSeconds(1)
        : from;
  }

  /** The next local time, as if no clock were ever changed. */
  private Optional<LocalDateTime> local(LocalDateTime after) {
    return times
        .nextExecution(ZonedDateTime.of(after, ZoneOffset.UTC))
        .map(ZonedDateTime::toLocalDateTime);
  }

  private boolean isAll(int field) {
    return fields[field].equals("*");
  }

  /**
   * The same for systemd.time(7), one for each {@code OnCalendar=}: days of the month and of the
   * week, where both are given, are two ways to be met.
   */
  public List<String> calendars() {
    String time = " " + list(HOUR) + ":" + list(MINUTE) + ":00";
    String days = "*-" + list(MONTH) + "-" + list(DAY) + time;
    if (isAll(WEEKDAY)) {
      return List.of(days);
    }
    String week = weekdays() + " *-" + list(MONTH) + "-*" + time;
    return isAll(DAY) ? List.of(week) : List.of(days, week);
  }

  private String weekdays() {
    String[] names = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    SortedSet<Integer> days = new TreeSet<>();
    values(WEEKDAY).forEach(day -> days.add(day % 7));
    List<String> words = new ArrayList<>();
    days.forEach(day -> words.add(names[day]));
    return String.join(",", words);
  }

  private String list(int field) {
    if (isAll(field)) {
      return "*";
    }
    List<String> words = new ArrayList<>();
    values(field).forEach(value -> words.add((value < 10 ? "0" : "") + value));
    return String.join(",", words);
  }

  /** All numbers that fit a field, which the parser took. */
  private SortedSet<Integer> values(int field) {
    SortedSet<Integer> values = new TreeSet<>();
    for (String item : fields[field].split(",", -1)) {
      String[] stepped = item.split("/", -1);
      int step = stepped.length > 1 ? Integer.parseInt(stepped[1]) : 1;
      String[] ends = stepped[0].split("-", -1);
      boolean isAll = stepped[0].equals("*");
      int first = isAll ? LOWEST[field] : Integer.parseInt(ends[0]);
      int last = isAll ? HIGHEST[field] : Integer.parseInt(ends[ends.length - 1]);
      for (int value = first; value <= last; value += step) {
        values.add(value);
      }
    }
    return values;
  }
}
