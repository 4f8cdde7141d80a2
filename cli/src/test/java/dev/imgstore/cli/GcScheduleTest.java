package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code gc schedule} sets, shows, decides and records. */
final class GcScheduleTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.set("TZ", "Europe/Berlin");
    for (String text : List.of("one", "two", "three")) {
      desk.file("web", text);
      desk.run("build", "--offline", "web").with(0);
    }
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  /** Sets a schedule that a server would run. */
  private void set(String... words) {
    List<String> all = Stream.concat(Stream.of("gc", "schedule"), Stream.of(words)).toList();
    desk.run(Stream.concat(all.stream(), Stream.of("--with", "serve")).toArray(String[]::new))
        .with(0);
  }

  private JsonNode run() {
    return desk.run("--json", "gc", "schedule", "--run").with(0).json();
  }

  private List<JsonNode> collections() {
    JsonNode entries = desk.run("--json", "log").with(0).json().path("entries");
    return StreamSupport.stream(entries.spliterator(), false)
        .filter(each -> each.path("kind").asText().equals("collection"))
        .toList();
  }

  @Test
  void itSaysTheNextFiveTimesInLocalTime() {
    Desk.Said said =
        desk.run("gc", "schedule", "daily", "03:00", "--policy", "keep 2", "--with", "serve");
    assertTrue(said.with(0).out().contains("collected daily 03:00, keep 2; by serve\n"), said::out);
    assertTrue(said.out().contains("\n  Sat 2026-01-03 03:00 CET\n"), said::out);
    assertTrue(said.out().contains("\n  Wed 2026-01-07 03:00 CET\n"), said::out);
    assertTrue(said.err().contains("while imgstore serve runs"), said::err);
    JsonNode shown = desk.run("--json", "gc", "schedule").with(0).json();
    assertEquals("0 3 * * *", shown.at("/schedule/cron").asText());
    assertEquals("Europe/Berlin", shown.at("/schedule/zone").asText());
    assertEquals("2026-01-03T02:00:00Z", shown.at("/next/0").asText());
    assertEquals(5, shown.path("next").size());
    assertTrue(shown.path("last").isNull(), shown::toString);
  }

  @Test
  void atItsTimeItCollectsOnceAndRecordsIt() {
    set("daily 03:00", "--policy", "keep 1");
    assertEquals("", run().path("trigger").asText());
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    JsonNode ran = run();
    assertEquals("schedule", ran.path("trigger").asText());
    assertTrue(ran.path("freed").asLong() > 0, ran::toString);
    assertEquals("", run().path("trigger").asText());
    JsonNode body = collections().get(0).path("body");
    assertEquals(2, body.path("generations").asInt());
    assertEquals("schedule", body.path("trigger").asText());
    assertEquals("2026-01-03T02:00:00Z", body.path("planned").asText());
    assertEquals("daily 03:00", collections().get(0).path("why").asText());
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains(", because of schedule"), log);
    String shown = desk.run("gc", "schedule", "--show").with(0).out();
    assertTrue(shown.contains("last run: Sat 2026-01-03 04:04 CET, schedule, freed "), shown);
  }

  @Test
  void aRunThatFindsNothingIsRecordedToo() {
    set("daily 03:00");
    desk.run("gc").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofDays(9)));
    assertEquals("schedule", run().path("trigger").asText(), "what a person does is no run");
    assertEquals(2, collections().size());
    assertEquals(0, collections().get(0).path("body").path("freed").asLong());
    assertEquals(0, collections().get(0).path("body").path("generations").asInt());
    assertEquals("", run().path("trigger").asText(), "nine days were made up for at once");
  }

  @Test
  void aClockThatMustBeWrongIsNotBelievedBecauseOfWhatItRecorded() throws IOException {
    desk.run("key", "create", "ci").with(0);
    desk.write("etc/config.yaml", "checkpoints: {key: ci, after: [collection]}\n");
    set("daily 03:00", "--policy", "for 30d");
    desk.clock(Desk.NOW.plus(Duration.ofDays(500)));
    for (int runs = 1; runs <= 3; runs++) {
      Desk.Said said = desk.run("gc", "schedule", "--run").with(0);
      assertTrue(said.err().contains("more than a year after the newest record"), said::err);
      desk.clock(Desk.NOW.plus(Duration.ofDays(500 + runs)));
      assertEquals(3, generations());
    }
    assertEquals(3, collections().size());
    desk.run("gc", "--keep", "2").with(0);
    desk.run("gc", "--keep-for", "30d").with(0).complains("more than a year after");
    assertEquals(2, generations());
    desk.run("tag", "web@2", "mine").with(0); // by a person, who believes this clock
    desk.run("tag", "--remove", "web@mine").with(0);
    assertEquals("", desk.run("gc", "--keep-for", "30d").with(0).err());
    assertEquals(1, generations());
  }

  private int generations() {
    JsonNode all = desk.run("--json", "generations", "web").with(0).json();
    return all.path("generations").size();
  }

  @Test
  void littleRoomIsAReasonAndMoreThanTheRulesAllowIsNeverFreed() {
    set("daily 03:00", "--policy", "keep 3", "--when-free-below", "90000T");
    Desk.Said said = desk.run("gc", "schedule", "--run", "-q").with(3);
    assertTrue(
        said.err().contains("less than 90000T, and the rules keep the rest: web"), said::err);
    assertEquals("", said.out());
    JsonNode body = collections().get(0).path("body");
    assertEquals("low disk", body.path("trigger").asText());
    assertEquals(0, body.path("generations").asInt());
    assertEquals("", run().path("trigger").asText(), "it was tried a moment ago");
    desk.clock(Desk.NOW.plus(Duration.ofHours(1)));
    desk.run("gc", "schedule", "--run").with(3);
  }

  @Test
  void muchRoomIsNoReason() {
    set("daily 03:00", "--when-free-below", "1K");
    assertEquals("", run().path("trigger").asText());
  }

  @Test
  void aFailureIsRecordedAndNotTriedAgainAtOnce() throws IOException {
    set("daily 03:00");
    Path config = Files.writeString(desk.store().resolve("config.yaml"), "retention: {keeep: 1}\n");
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    desk.run("gc", "schedule", "--run").with(2);
    String failed = collections().get(0).path("body").path("failed").asText();
    assertTrue(failed.contains("keeep"), failed);
    assertEquals("", run().path("trigger").asText());
    Files.delete(config);
    String shown = desk.run("gc", "schedule", "--show").with(0).out();
    assertTrue(shown.contains("FAILED: "), shown);
    desk.clock(Desk.NOW.plus(Duration.ofDays(2)));
    assertEquals("schedule", run().path("trigger").asText());
  }

  @Test
  void whileAnotherCollectsNothingIsRecordedAndTheNextLookMakesUp() throws IOException {
    set("daily 03:00");
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    try (Store store = DiskStore.open(desk.store(), notice -> {});
        Collector other = store.collector()) {
      desk.run("gc", "schedule", "--run").with(4).complains("another process is collecting");
    }
    assertEquals(0, collections().size());
    assertEquals("schedule", run().path("trigger").asText());
  }

  @Test
  void aServerCollectsWhatItServesAndOnlyIfItIsTold() {
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    Desk.Look look = desk.look();
    look.run();
    assertEquals("", look.said(), "there is no schedule");
    desk.clock(Desk.NOW);
    set("daily 03:00", "--policy", "keep 1");
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    look = desk.look();
    look.run();
    assertTrue(look.said().startsWith("collected (schedule): freed "), look.said());
    look.run();
    assertEquals(1, look.said().lines().count(), look.said());
    assertEquals("tester", collections().get(0).path("who").asText());
  }

  @Test
  void aServersCollectionIsSignedIfSettingsAskForThat() throws IOException {
    desk.run("key", "create", "audit").with(0);
    Files.writeString(
        desk.store().resolve("config.yaml"), "checkpoints: {key: audit, after: [collection]}\n");
    set("daily 03:00", "--policy", "keep 1");
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    Desk.Look look = desk.look();
    look.run();
    String proof = desk.run("log", "--verify").with(0).out();
    assertTrue(proof.contains("1 checkpoint agrees"), proof + look.said());
  }

  @Test
  void whatSystemdAndCronWouldBeToldIsShown() throws IOException {
    Path launcher = Files.createFile(directory.resolve("50% it's"));
    assertTrue(launcher.toFile().setExecutable(true));
    desk.set("IMGSTORE_LAUNCHER", launcher.toString());
    desk.set("HOME", directory.toString());
    String timer =
        desk.run("gc", "schedule", "daily 03:00", "-n", "--with", "systemd").with(0).out();
    assertTrue(timer.contains("OnCalendar=*-*-* 03:00:00\n"), timer);
    assertTrue(timer.contains("50%% it's\""), timer);
    String cron = desk.run("gc", "schedule", "daily 03:00", "-n", "--with", "cron").with(0).out();
    assertTrue(cron.contains("\n0 3 * * * "), cron);
    assertTrue(cron.contains("/50'\"$(echo x | tr x '\\045')\"' it'\\''s' "), cron);
    assertFalse(cron.contains("%"), cron);
    assertTrue(
        desk.run("gc", "schedule").with(0).out().startsWith("this store has no schedule"),
        "nothing was changed");
  }

  @Test
  void afterRemovalNothingIsDue() {
    set("daily 03:00");
    desk.run("gc", "schedule", "--remove", "-m", "by hand again").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    assertEquals("", run().path("trigger").asText());
    desk.run("gc", "schedule", "--remove").with(5).complains("has no schedule");
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("by hand again"), log);
  }

  @Test
  void aNewScheduleTakesThePlaceOfTheOldAndCountsFromThen() {
    set("daily 03:00");
    Instant later = Desk.NOW.plus(Duration.ofDays(3));
    desk.clock(later);
    set("weekly sun 05:00");
    assertEquals("", run().path("trigger").asText());
    assertEquals(
        "2026-01-11T04:00:00Z",
        desk.run("--json", "gc", "schedule").with(0).json().at("/next/0").asText());
  }

  @Test
  void whatContradictsIsRefused() {
    desk.run("gc", "schedule", "dayly").with(2).complains("did you mean daily");
    desk.run("gc", "schedule", "--show", "--remove").with(2).complains("exclude each other");
    desk.run("gc", "schedule", "--policy", "keep 1").with(2).complains("go with WHEN");
    desk.run("gc", "schedule", "daily", "--policy", "keep").with(2).complains("--policy: ");
    desk.run("gc", "schedule", "daily", "--with", "at").with(2).complains("--with: ");
    desk.run("gc", "schedule", "daily", "--when-free-below", "200%")
        .with(2)
        .complains("--when-free-below: ");
  }
}
