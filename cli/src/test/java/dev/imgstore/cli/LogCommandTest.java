package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The log, of everything or of a part. Now is 2026-01-02T03:04:05Z, as for every command here. */
final class LogCommandTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.file("web", "one");
    String image = desk.run("build", "web", "-m", "now").with(0).image();
    desk.run("build", "web", "--profile", "db", "-m", "now").with(0);
    pin("web", image, "2025-12-31T23:59:59Z", "ann", "old");
    pin("other", image, "2026-01-01T00:00:00Z", "ann (as root)", "new year");
    pin("third", image, "2026-01-01T15:30:00Z", "anna", "noon");
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  private void pin(String name, String image, String when, String who, String why)
      throws IOException {
    try (Store store = DiskStore.open(desk.store(), notice -> {})) {
      store.roots().pin(name, Digest.parse(image), new Because(Instant.parse(when), who, why));
    }
  }

  @Test
  void whatIsLeftOfAJournalThatLostItsEndIsShown() throws IOException {
    desk.file("web", "two");
    desk.run("build", "web").with(0);
    Path journal = desk.store().resolve("journal");
    byte[] whole = withoutItsEnd(journal);
    Desk.Said said = desk.run("log").with(0).complains("journal is damaged: it ends after entry 5");
    assertEquals(5, said.out().lines().count());
    Files.write(journal, whole);
  }

  @Test
  void noNameOfAFileBeginsALineOfTheLog() throws IOException {
    String image = desk.run("show", "web").with(0).image();
    Root.Spec spec =
        new Root.Spec("a", List.of(1), "web", "ann", Optional.empty(), Optional.empty());
    try (Store store = DiskStore.open(desk.store(), notice -> {})) {
      store
          .roots()
          .change(
              "a\n::error::b",
              List.of(new PinChange.Pinned("fourth", Digest.parse(image), spec)),
              new Because(Desk.NOW, "ann", "c\r::error::d"));
    }
    String said = desk.run("log").with(0).out();
    assertTrue(said.contains("?::error::b"), said);
    assertTrue(said.lines().noneMatch(line -> line.startsWith("::")), said);
    assertFalse(said.contains("\r"), said);
  }

  @Test
  void anImageGetsOutOfAStoreWhoseJournalLostAPin() throws IOException {
    Path journal = desk.store().resolve("journal");
    byte[] whole = withoutItsEnd(journal);
    desk.run("export", "oci", "web@1", desk.path("out").toString())
        .with(0)
        .complains("whether web@1 was revoked cannot be said: journal is damaged");
    Files.write(journal, whole);
  }

  /** Takes the last entry away, and gives what there was. */
  private static byte[] withoutItsEnd(Path journal) throws IOException {
    byte[] whole = Files.readAllBytes(journal);
    String text = new String(whole, UTF_8);
    Files.writeString(journal, text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1));
    return whole;
  }

  private String log(String... args) {
    List<String> words = new ArrayList<>(List.of("log", "--json"));
    words.addAll(List.of(args));
    List<String> found = new ArrayList<>();
    for (JsonNode each : desk.run(words.toArray(String[]::new)).with(0).json().path("entries")) {
      found.add(each.path("why").asText() + ":" + each.path("subject").asText());
    }
    return String.join(", ", found);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--since 2026-01-01         | noon:third, new year:other, now:db, now:web",
        "--since 2026-01-01T00:00:01Z | noon:third, now:db, now:web",
        "--since 2026-01-01T12:00   | noon:third, now:db, now:web",
        "--since 2026-01-01T16:30+02:00 | noon:third, now:db, now:web",
        "--since 12h                | noon:third, now:db, now:web",
        "--since 11h                | now:db, now:web",
        "--since 1w                 | noon:third, new year:other, old:web, now:db, now:web",
        "--since 2027-01-01         | ''",
        "--who ann                  | new year:other, old:web",
        "--who anna                 | noon:third",
        "--who nobody               | ''",
        "--profile web              | now:web",
        "web                        | now:web",
        "web --profile web          | now:web",
        "--who ann --since 2026-01-01 | new year:other",
        "db --who tester --since 1d | now:db",
      })
  void filtersNarrowIt(String args, String expected) {
    assertEquals(expected, log(args.strip().split(" ", -1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2026-13-01", "7y", "2026-01-01T", "-1d", "99999999999d"})
  void aTimeThatIsNoneIsRefused(String typed) {
    desk.run("log", "--since=" + typed).with(2).complains("write a day, as in 2026-01-01");
  }

  @Test
  void twoProfilesAreRefusedAndUnknownOnesNamed() {
    desk.run("log", "web", "--profile", "db").with(2).complains("web or --profile db?");
    desk.run("log", "--profile", "wbe").with(5).complains("did you mean web?");
  }

  @Test
  void aTimeIsInUtcUnlessItSaysElse() throws IOException {
    Clock clock = Clock.fixed(Desk.NOW, ZoneOffset.UTC);
    assertEquals(
        Instant.parse("2026-01-01T10:00:00Z"), LogCommand.since("2026-01-01 12:00+02:00", clock));
    assertEquals(
        Instant.parse("2026-01-01T12:00:00Z"), LogCommand.since("2026-01-01 12:00", clock));
    assertTrue(LogCommand.since("30m", clock).isBefore(Desk.NOW));
  }
}
