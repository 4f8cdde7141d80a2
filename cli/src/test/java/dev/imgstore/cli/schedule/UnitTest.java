package dev.imgstore.cli.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What systemd and cron are told, whatever characters paths have. */
final class UnitTest {
  private static final String ODD = "/srv/it's \"50%\" $HOME \\%a";
  private static final Unit UNIT =
      new Unit("/opt/imgstore", "/srv/store", new TreeMap<>(Map.of("PATH", "/usr/bin:/bin")));

  private static GcSchedule daily(String free) {
    return new GcSchedule(
        Timetable.parse("daily 03:00"),
        Policy.parse(""),
        free.isEmpty() ? null : new FreeBound(free),
        GcSchedule.Runner.CRON);
  }

  @Test
  void systemdReadsEachPathAsOneWord() {
    assertEquals("\"/srv/it's \\\"50%%\\\" $HOME \\\\%%a\"", Unit.quoted(ODD));
    String service = new Unit(ODD, ODD, new TreeMap<>()).service(false);
    assertTrue(service.contains("\nExecStart=\":/srv/it's"), service);
    assertTrue(service.contains("\nReadWritePaths=\"/srv/it's"), service);
  }

  @Test
  void cronAndItsShellReadEachPathAsOneWord() throws Exception {
    assertEquals("'a b'", Unit.shell("a b"));
    assertEquals("'it'\\''s'", Unit.shell("it's"));
    Unit unit = new Unit(ODD, ODD, new TreeMap<>(Map.of("JAVA_HOME", ODD)));
    String table = unit.crontab(daily("10%"), "");
    assertFalse(table.contains("%"), table); // not each cron takes it with a backslash before it
    assertEquals(ODD, said("printf %s " + Unit.shell(ODD)));
    assertEquals("%%", said("V=" + Unit.shell("%%") + " sh -c 'printf %s \"$V\"'"));
  }

  /** What a command for the shell says. */
  private static String said(String command) throws IOException {
    Process process = new ProcessBuilder("/bin/sh", "-c", command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void controlCharactersAreRefused() {
    for (String path : new String[] {"/a\nb", "/a\u0007", "/a\u0085"}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Unit("/x", path, new TreeMap<>()), path);
    }
    Unit longOne = new Unit("/opt/imgstore", "/" + "x".repeat(990), new TreeMap<>());
    assertThrows(IllegalArgumentException.class, () -> longOne.crontab(daily(""), ""));
  }

  @Test
  void oneStoreHasOneName() {
    Unit other = new Unit("/opt/imgstore", "/srv/other", new TreeMap<>());
    assertTrue(UNIT.name().matches("imgstore-gc-[0-9a-f]{8}"), UNIT::name);
    assertTrue(!UNIT.name().equals(other.name()));
  }

  @Test
  void cronHasALineForTheTimesAndOneForALook() {
    String[] lines = UNIT.crontab(daily(""), "root").split("\n", -1);
    String command =
        "root PATH='/usr/bin:/bin' '/opt/imgstore' '--store' '/srv/store' '--quiet' 'gc' 'schedule'"
            + " '--run'";
    assertEquals("0 3 * * * " + command, lines[1]);
    assertTrue(lines[2].matches("[0-9]{1,2} [*] [*] [*] [*] .*"), lines[2]);
    assertTrue(lines[2].endsWith(command), lines[2]);
    assertTrue(
        UNIT.crontab(daily("10%"), "").split("\n", -1)[2].matches("([0-9]+,){3}[0-9]+ [*] .*"));
  }

  @Test
  void otherLinesOfATableStayAsTheyAre() {
    String ours = UNIT.crontab(daily(""), "");
    for (String table : new String[] {"", "MAILTO=ann\n* * * * * true\n", "# no line feed"}) {
      String with = UNIT.in(table, ours);
      assertEquals(with, UNIT.in(with, ours));
      assertTrue(with.startsWith(table) && with.endsWith(ours), with);
      String gap = table.isEmpty() || table.endsWith("\n") ? "" : "\n";
      assertEquals(table + gap, UNIT.in(with, ""));
      assertEquals(table + gap + "# more\n", UNIT.in(with + "# more\n", ""));
    }
    assertEquals("# x\n", UNIT.in("# x\n", ""));
  }

  @Test
  void whatLostItsEndTakesNoLineOfOthersWithIt() {
    String ours = UNIT.crontab(daily(""), "");
    String cut = ours.replace(UNIT.end() + "\n", "") + "5 4 * * * theirs\n";
    assertThrows(IllegalArgumentException.class, () -> UNIT.in(cut, ours));
    assertThrows(IllegalArgumentException.class, () -> UNIT.in(cut + ours, ""));
    String quoted = "# see " + UNIT.begin() + "\n";
    assertEquals(quoted + ours, UNIT.in(quoted, ours));
    assertEquals(quoted, UNIT.in(quoted + ours, ""));
  }

  @Test
  void theLengthForCronIsCountedInBytes() {
    Unit wide = new Unit("/opt/imgstore", "/" + "\u5b58".repeat(330), new TreeMap<>());
    assertThrows(IllegalArgumentException.class, () -> wide.crontab(daily(""), ""));
  }

  @Test
  void aTimerSaysTheTimesAndIsPersistent() {
    String timer = UNIT.timer(daily("10%"));
    assertTrue(timer.contains("\nOnCalendar=*-*-* 03:00:00\n"), timer);
    assertTrue(timer.contains("\nPersistent=true\n"), timer);
    assertEquals(2, timer.lines().filter(line -> line.startsWith("OnCalendar=")).count());
  }
}
