package dev.imgstore.cli.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * Whether a scheduled collection is to run now. The one decision for all that wake us: timers of
 * systemd, lines of cron, the thread of a server; they may come as often as they like.
 *
 * @param planned when it was to run, the first time that was missed; for a full disk the moment of
 *     the look
 */
public record Due(Kind kind, Instant planned) {
  /** How long a disk that stays full is left alone after a run. */
  static final Duration PATIENCE = Duration.ofHours(1);

  /** Why. */
  public enum Kind {
    /** A time of the timetable has come, or was missed. */
    SCHEDULE("schedule"),
    /** There is little room. */
    LOW_DISK("low disk"),
    /** Nothing is to be done. */
    NOT("");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As the journal says it. */
    public String word() {
      return word;
    }
  }

  /**
   * Decides. Of many times that were missed one run makes up. A record from the future was made by
   * a clock that was wrong; it says nothing.
   *
   * @param since when the schedule was made
   * @param runs when scheduled collections ran, whether they succeeded or not
   */
  public static Due decide(
      GcSchedule schedule,
      Instant since,
      List<Instant> runs,
      Instant now,
      ZoneId zone,
      FreeBound.Space space) {
    Optional<Instant> last = runs.stream().filter(run -> !run.isAfter(now)).max(Instant::compareTo);
    Instant from = since.isAfter(now) ? Instant.EPOCH : since;
    Optional<Instant> planned =
        schedule.times().next(last.filter(run -> run.isAfter(from)).orElse(from), zone);
    if (planned.isPresent() && !planned.get().isAfter(now)) {
      return new Due(Kind.SCHEDULE, planned.get());
    }
    boolean isLow = schedule.freeBelow().filter(bound -> bound.isAbove(space)).isPresent();
    boolean isRecent = last.filter(run -> run.isAfter(now.minus(PATIENCE))).isPresent();
    return new Due(isLow && !isRecent ? Kind.LOW_DISK : Kind.NOT, now);
  }
}
