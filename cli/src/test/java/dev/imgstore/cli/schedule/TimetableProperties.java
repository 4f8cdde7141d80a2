package dev.imgstore.cli.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What a timetable says, against a clock on a wall that somebody watches minute by minute. */
class TimetableProperties {
  private static final List<String> ZONES =
      List.of("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata");

  /** Around one of the changes of 2026, two days of minutes. */
  private static final int WATCHED = 48 * 60;

  private static Instant start(long hours) {
    return Instant.parse("2026-01-01T00:00:00Z").plus(Duration.ofHours(hours));
  }

  @Property(tries = 150)
  void whatRecursEachHourIsWhenTheWallSaysSo(
      @ForAll @IntRange(max = 4) int zone,
      @ForAll @LongRange(max = 8700) long hours,
      @ForAll @IntRange(max = 59) int minute) {
    ZoneId in = ZoneId.of(ZONES.get(zone));
    Instant from = start(hours);
    List<Instant> seen = new ArrayList<>();
    for (int i = 1; i <= WATCHED; i++) {
      Instant now = from.plus(Duration.ofMinutes(i));
      if (now.atZone(in).getMinute() == minute) {
        seen.add(now);
      }
    }
    Timetable table = Timetable.parse(minute + " * * * *");
    assertEquals(seen, table.next(from, in, seen.size()));
  }

  @Property(tries = 150)
  void aFixedTimeComesOnceADayAndNeverEarly(
      @ForAll @IntRange(max = 4) int zone,
      @ForAll @LongRange(max = 8700) long hours,
      @ForAll @IntRange(max = 23) int hour,
      @ForAll @IntRange(max = 59) int minute) {
    ZoneId in = ZoneId.of(ZONES.get(zone));
    Timetable table = Timetable.parse(minute + " " + hour + " * * *");
    Instant from = start(hours);
    Set<Object> days = new HashSet<>();
    Instant before = from;
    for (Instant each : table.next(from, in, 40)) {
      ZonedDateTime local = each.atZone(in);
      assertEquals(true, days.add(local.toLocalDate()), () -> "twice on " + local);
      boolean isLeftOut =
          in.getRules().getValidOffsets(local.toLocalDate().atTime(hour, minute)).isEmpty();
      if (!isLeftOut) {
        assertEquals(List.of(hour, minute), List.of(local.getHour(), local.getMinute()));
      }
      assertEquals(each, table.next(before, in).orElseThrow());
      assertEquals(each, table.next(each.minusSeconds(1), in).orElseThrow());
      before = each;
    }
    assertEquals(40, days.size());
  }
}
