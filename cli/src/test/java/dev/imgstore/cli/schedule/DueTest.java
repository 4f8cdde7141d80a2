package dev.imgstore.cli.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a scheduled collection is due. */
final class DueTest {
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final Instant SINCE = Instant.parse("2026-11-20T12:00:00Z");
  private static final FreeBound.Space MUCH = new FreeBound.Space(50, 100);
  private static final FreeBound.Space LITTLE = new FreeBound.Space(9, 100);

  private static final GcSchedule DAILY =
      new GcSchedule(
          Timetable.parse("daily 03:00"),
          Policy.parse(""),
          new FreeBound("10%"),
          GcSchedule.Runner.CRON);

  private static Instant at(String time) {
    return Instant.parse("2026-11-" + time + ":00Z");
  }

  private static Due decide(Instant now, FreeBound.Space space, Instant... runs) {
    return Due.decide(DAILY, SINCE, List.of(runs), now, UTC, space);
  }

  private static final Due.Kind NOT = Due.Kind.NOT;

  @Test
  void beforeItsFirstTimeItIsNot() {
    assertEquals(NOT, decide(at("21T02:59"), MUCH).kind());
  }

  @Test
  void atItsTimeItIs() {
    assertEquals(new Due(Due.Kind.SCHEDULE, at("21T03:00")), decide(at("21T03:00"), MUCH));
  }

  @Test
  void afterItRanItIsNotUntilTheNextTime() {
    assertEquals(NOT, decide(at("21T09:00"), MUCH, at("21T03:01")).kind());
    assertEquals(NOT, decide(at("21T03:00"), MUCH, at("21T03:00")).kind());
    assertEquals(at("22T03:00"), decide(at("22T03:00"), MUCH, at("21T03:00")).planned());
  }

  @Test
  void ofManyThatWereMissedOneMakesUp() {
    assertEquals(new Due(Due.Kind.SCHEDULE, at("21T03:00")), decide(at("29T17:00"), MUCH));
    assertEquals(NOT, decide(at("29T17:10"), MUCH, at("29T17:00")).kind());
  }

  @Test
  void aRunBeforeTheScheduleWasMadeSaysNothing() {
    assertEquals(NOT, decide(at("20T13:00"), MUCH, at("19T03:00")).kind());
  }

  @Test
  void littleRoomIsAReasonOnceAnHour() {
    assertEquals(Due.Kind.LOW_DISK, decide(at("20T13:00"), LITTLE).kind());
    assertEquals(NOT, decide(at("20T13:30"), LITTLE, at("20T13:00")).kind());
    assertEquals(Due.Kind.LOW_DISK, decide(at("20T14:00"), LITTLE, at("20T13:00")).kind());
  }

  @Test
  void recordsFromTheFutureSayNothing() {
    Instant wrong = at("21T03:00").plus(Duration.ofDays(4000));
    assertEquals(Due.Kind.SCHEDULE, decide(at("21T03:00"), MUCH, wrong).kind());
    assertEquals(NOT, decide(at("21T03:01"), MUCH, wrong, at("21T03:00")).kind());
  }

  @Test
  void aScheduleFromTheFutureRunsOnceAndThenByItsTimes() {
    Instant future = at("21T00:00").plus(Duration.ofDays(4000));
    Due due = Due.decide(DAILY, future, List.of(), at("21T10:00"), UTC, MUCH);
    assertEquals(Due.Kind.SCHEDULE, due.kind());
    List<Instant> ran = List.of(at("21T10:00"));
    assertEquals(NOT, Due.decide(DAILY, future, ran, at("22T02:59"), UTC, MUCH).kind());
    assertEquals(
        Due.Kind.SCHEDULE, Due.decide(DAILY, future, ran, at("22T03:00"), UTC, MUCH).kind());
  }

  @Test
  void aClockThatWentBackMakesNothingDueTwice() {
    assertEquals(NOT, decide(at("21T02:00"), MUCH, at("21T03:00")).kind());
  }
}
