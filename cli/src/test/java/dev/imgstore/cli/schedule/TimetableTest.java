package dev.imgstore.cli.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a timetable's moments are. */
final class TimetableTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId UTC = ZoneId.of("UTC");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hourly|0 * * * *",
        "hourly :05|5 * * * *",
        "@hourly|0 * * * *",
        "daily|0 0 * * *",
        "daily 03:00|0 3 * * *",
        "Daily  3:07|7 3 * * *",
        "weekly|0 0 * * 0",
        "weekly 04:30|30 4 * * 0",
        "weekly sun 03:00|0 3 * * 0",
        "weekly Saturday|0 0 * * 6",
        "monthly|0 0 1 * *",
        "monthly 15 23:59|59 23 15 * *",
        "every 15m|*/15 * * * *",
        "every 1m|* * * * *",
        "every 6h|0 */6 * * *",
        "every 24h|0 0 * * *",
        "0 3 * * mon-fri|0 3 * * 1-5",
        "0 3 * jan,jul 7|0 3 * 1,7 0",
      })
  void wordsMeanFieldsOfCron(String typed, String expression) {
    assertEquals(expression, Timetable.parse(typed).expression());
    assertEquals(expression, Timetable.parse(expression).expression());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dayly 03:00|did you mean daily",
        "daily 24:00|write it as 'daily 03:00'",
        "daily 3|write it as 'daily 03:00'",
        "weekly foo|write it as 'weekly sun 03:00'",
        "monthly 31|not every month has a day 31",
        "monthly 32|write it as 'monthly 1 03:00'",
        "every 7m|divides an hour",
        "every 5h|divides a day",
        "every 60m|divides an hour",
        "every day|write it as 'every 15m'",
        "61 * * * *|not in range",
        "0 3 * *|contains 4 parts",
        "0 0 3 * * *|contains 6 parts",
        "0 22-2 * * *|Invalid range",
        "5/20 * * * *|a step wants a range",
        "0 0 30 2 *|there is no such day",
        "0 0 31 4,6 *|there is no such day",
        "0 0 */2 * 1|means different things",
        "0 0 L * *|L",
        "*|1 parts",
        "'* * * * *\n* * * * *'|parts",
      })
  void whatIsNoTimeIsRefusedWithASentence(String typed, String words) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Timetable.parse(typed))
                .getMessage());
    assertTrue(said.contains(words), said);
    assertTrue(said.contains("is no time to run at") || said.contains("take "), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "@", "%", "0 0 * * *; rm -rf /", "$(date)"})
  void nonsenseIsRefused(String typed) {
    assertThrows(IllegalArgumentException.class, () -> Timetable.parse(typed));
  }

  /** The local times that come, in the zone. */
  private static List<String> next(String typed, String local, ZoneId zone, int count) {
    return Timetable.parse(typed)
        .next(LocalDateTime.parse(local).atZone(zone).toInstant(), zone, count)
        .stream()
        .map(each -> each.atZone(zone).toLocalDateTime() + each.atZone(zone).getOffset().getId())
        .toList();
  }

  @Test
  void whereAnHourIsLeftOutAFixedTimeInItRunsAtItsEnd() {
    assertEquals(
        List.of("2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"),
        next("daily 02:30", "2026-03-28T00:00", BERLIN, 3));
  }

  @Test
  void whereAnHourIsThereTwiceAFixedTimeInItRunsOnce() {
    assertEquals(
        List.of("2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        next("daily 02:30", "2026-10-24T00:00", BERLIN, 3));
    Instant secondPass = Instant.parse("2026-10-25T01:10:00Z"); // 02:10 for the second time
    assertEquals(
        Instant.parse("2026-10-26T01:30:00Z"),
        Timetable.parse("daily 02:30").next(secondPass, BERLIN).orElseThrow());
  }

  @Test
  void whatRecursEachQuarterGoesThroughBothHoursAndNoneThatIsLeftOut() {
    assertEquals(
        List.of("2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"),
        next("every 30m", "2026-03-29T01:00", BERLIN, 3));
    assertEquals(
        List.of(
            "2026-10-25T02:00+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:00+01:00",
            "2026-10-25T02:30+01:00",
            "2026-10-25T03:00+01:00"),
        next("every 30m", "2026-10-25T01:30", BERLIN, 5));
  }

  @Test
  void aClockMayBeSetByHalfAnHour() {
    ZoneId lordHowe = ZoneId.of("Australia/Lord_Howe");
    assertEquals(
        List.of("2026-10-03T02:15+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"),
        next("daily 02:15", "2026-10-03T00:00", lordHowe, 3));
    assertEquals(
        List.of("2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"),
        next("daily 01:45", "2026-04-05T00:00", lordHowe, 2));
  }

  @Test
  void aWholeDayMayBeLeftOut() {
    ZoneId apia = ZoneId.of("Pacific/Apia"); // there was no 30th of December 2011
    assertEquals(
        List.of("2011-12-29T03:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T03:00+14:00"),
        next("daily 03:00", "2011-12-29T00:00", apia, 3));
  }

  @Test
  void theTwentyNinthOfFebruaryComesInLeapYears() {
    assertEquals(
        List.of("2028-02-29T03:00Z", "2032-02-29T03:00Z"),
        next("0 3 29 2 *", "2026-11-22T00:00", UTC, 2));
    assertEquals(List.of("2104-02-29T03:00Z"), next("0 3 29 2 *", "2096-03-01T00:00", UTC, 1));
    assertEquals(
        List.of("2028-02-29T03:00+01:00"), next("0 3 29 2 *", "2026-11-22T00:00", BERLIN, 1));
  }

  @Test
  void aDayOfTheMonthOrOneOfTheWeekIsEnough() {
    assertEquals(
        List.of("2026-11-27T00:00Z", "2026-12-04T00:00Z", "2026-12-11T00:00Z", "2026-12-13T00:00Z"),
        next("0 0 13 * fri", "2026-11-22T00:00", UTC, 4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daily 03:00|*-*-* 03:00:00",
        "every 15m|*-*-* *:00,15,30,45:00",
        "weekly sun 03:00|Sun *-*-* 03:00:00",
        "monthly 1 03:00|*-*-01 03:00:00",
        "0 3 * * 5-7|Sun,Fri,Sat *-*-* 03:00:00",
        "0 3 13 * 5|*-*-13 03:00:00;Fri *-*-* 03:00:00",
        "1-10/3 */8 * 1,7 *|*-01,07-* 00,08,16:01,04,07,10:00",
      })
  void systemdIsToldTheSame(String typed, String calendars) {
    assertEquals(List.of(calendars.split(";")), Timetable.parse(typed).calendars());
  }
}
