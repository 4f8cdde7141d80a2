package dev.imgstore.cli.schedule;

import dev.imgstore.store.Schedule;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a store is collected by itself.
 *
 * @param bound collect as well when less is free; not given: null, so ask {@link #freeBelow}
 */
public record GcSchedule(Timetable times, Policy policy, @Nullable FreeBound bound, Runner runner) {
  private static final String POLICY = "policy";
  private static final String FREE = "free-below";
  private static final String WITH = "with";

  /** Who looks at the clock. */
  public enum Runner {
    /** A timer of systemd. */
    SYSTEMD,
    /** Lines for cron. */
    CRON,
    /** {@code imgstore serve}. */
    SERVE;

    /** As people write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * By its word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Runner of(String word) {
      return Arrays.stream(values())
          .filter(each -> each.word().equals(word))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("'" + word + "' is not systemd, cron or serve"));
    }
  }

  /** Who runs a schedule, without a look at the rest of it. */
  public static Runner runner(Schedule schedule) {
    return Runner.of(schedule.facts().getOrDefault(WITH, Runner.SERVE.word()));
  }

  /**
   * What the store keeps, read.
   *
   * @throws IllegalArgumentException with a sentence, if another version wrote what this one cannot
   *     read
   */
  public static GcSchedule of(Schedule schedule) {
    String free = schedule.facts().getOrDefault(FREE, "");
    return new GcSchedule(
        Timetable.parse(schedule.when()),
        Policy.parse(schedule.facts().getOrDefault(POLICY, "")),
        free.isEmpty() ? null : new FreeBound(free),
        runner(schedule));
  }

  /** What the store is to keep beside the time's words. */
  public SortedMap<String, String> facts() {
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put(WITH, runner.word());
    if (!policy.words().isEmpty()) {
      facts.put(POLICY, policy.toString());
    }
    freeBelow().ifPresent(free -> facts.put(FREE, free.text()));
    return facts;
  }

  /** Below which free space it is due as well. */
  public Optional<FreeBound> freeBelow() {
    return Optional.ofNullable(bound);
  }

  /** Whether a schedule of the store asks for the same. */
  public boolean is(Schedule schedule) {
    return schedule.says(times.typed(), facts());
  }
}
