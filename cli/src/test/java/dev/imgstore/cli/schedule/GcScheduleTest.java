package dev.imgstore.cli.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.store.Schedule;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a schedule says, kept in a store and read again. */
final class GcScheduleTest {
  @Test
  void whatIsKeptIsReadAgain() {
    GcSchedule schedule =
        new GcSchedule(
            Timetable.parse("weekly sun 03:00"),
            Policy.parse("max 20G, keep 10,for 90d"),
            new FreeBound("10%"),
            GcSchedule.Runner.SYSTEMD);
    Schedule kept = new Schedule(schedule.times().typed(), schedule.facts(), Instant.EPOCH, "ann");
    GcSchedule read = GcSchedule.of(kept);
    assertTrue(read.is(kept));
    assertEquals("keep 10, for 90d, max 20G", read.policy().toString());
    assertEquals(OptionalLong.of(20L << 30), read.policy().ceiling());
    assertEquals("keep 10, for 90d", read.policy().rules().toString());
    assertEquals(Optional.of(new FreeBound("10%")), read.freeBelow());
    assertEquals(GcSchedule.Runner.SYSTEMD, GcSchedule.runner(kept));
  }

  @Test
  void withoutRulesTheSettingsHold() {
    Policy none = Policy.parse("");
    assertEquals("", none.toString());
    assertEquals(OptionalLong.empty(), none.ceiling());
    GcSchedule read = GcSchedule.of(new Schedule("daily", new TreeMap<>(), Instant.EPOCH, "ann"));
    assertEquals(Optional.empty(), read.freeBelow());
    assertEquals(GcSchedule.Runner.SERVE, read.runner());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keep|is no rule",
        "keep ten|no number",
        "keep 0|at least 1",
        "for soon|not a time",
        "max big|not a size",
        "keep 1, keep 2|there twice",
        "hold 3|is no rule",
        "keep 1,|is no rule"
      })
  void otherRulesAreRefused(String text, String words) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Policy.parse(text)).getMessage());
    assertTrue(said.contains(words), said);
  }

  @Test
  void aBoundIsAShareOrASize() {
    assertTrue(new FreeBound("10%").isAbove(new FreeBound.Space(99, 1000)));
    assertTrue(!new FreeBound("10%").isAbove(new FreeBound.Space(100, 1000)));
    assertTrue(new FreeBound("1K").isAbove(new FreeBound.Space(1023, 1L << 40)));
    assertTrue(!new FreeBound("1K").isAbove(new FreeBound.Space(1024, 1L << 40)));
    FreeBound.Space mapped = new FreeBound.Space(50, 1000);
    assertEquals(new FreeBound.Space(120, 1000), mapped.orAtLeast(120));
    assertEquals(mapped, mapped.orAtLeast(20));
    assertEquals(1000, mapped.orAtLeast(Long.MAX_VALUE).free());
    assertEquals("9%", new FreeBound.Space(99, 1000).share());
    for (String text : new String[] {"0%", "100%", "10", "%", "-1%", "5 %", ""}) {
      assertThrows(IllegalArgumentException.class, () -> new FreeBound(text), text);
    }
  }
}
