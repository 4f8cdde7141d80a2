package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal as evidence: its chain, checkpoints, and what it says of a thing. */
final class AuditTest {
  @TempDir Path directory;
  private Desk desk;
  private Path journal;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.file("web", "one");
    desk.run("build", "web").with(0);
    desk.file("web", "two");
    desk.run("build", "web", "-m", "second").with(0);
    desk.run("key", "create", "ci").with(0);
    journal = desk.store().resolve("journal");
  }

  private List<String> lines() throws IOException {
    return new ArrayList<>(Files.readAllLines(journal, UTF_8));
  }

  /**
   * As somebody would who may write the store: the chain fits, and no state file says otherwise.
   */
  private void rewrite(List<String> lines) throws IOException {
    StringBuilder all = new StringBuilder();
    String hash = "0".repeat(64);
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).split(" ", 3);
      String json = parts[2].substring(0, parts[2].length() - 65);
      String line = (i + 1) + " " + json.getBytes(UTF_8).length + " " + json;
      hash = Digest.of((hash + " " + line).getBytes(UTF_8)).hex();
      all.append(line).append(' ').append(hash).append('\n');
    }
    Files.writeString(journal, all.toString());
    Files.deleteIfExists(desk.store().resolve("roots"));
    for (String each : List.of("states", "profiles")) {
      forget(desk.store().resolve(each));
    }
    desk.run("reindex").with(0);
  }

  private static void forget(Path states) throws IOException {
    if (Files.isDirectory(states)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(states)) {
        for (Path each : all) {
          if (Files.isRegularFile(each)) {
            Files.delete(each);
          }
        }
      }
    }
  }

  @Test
  void aSoundChainIsProved() {
    String said = desk.run("log", "--verify").with(0).out();
    assertTrue(said.startsWith("3 entries, each follows the one before; there is no chec"), said);
    desk.run("log", "--checkpoint").with(0);
    said = desk.run("log", "--verify").with(0).out();
    assertEquals(
        "4 entries, each follows the one before; 1 checkpoint agrees, the last of entry 4\n", said);
  }

  @Test
  void anEntryThatWasChangedIsNamed() throws IOException {
    List<String> lines = lines();
    lines.set(1, lines.get(1).replace("second", "Second"));
    Files.write(journal, lines);
    String said = desk.run("log", "--verify").with(3).out();
    assertTrue(said.startsWith("journal: entry 2: "), said);
  }

  @Test
  void bytesAtTheEndAreNamed() throws IOException {
    Files.writeString(journal, "x", StandardOpenOption.APPEND);
    String said = desk.run("log", "--verify").with(3).out();
    assertTrue(said.startsWith("journal: entry 4: 1 bytes after entry 3"), said);
  }

  @Test
  void aCutEndIsFoundByACheckpoint() throws IOException {
    desk.run("log", "--checkpoint").with(0);
    rewrite(lines().subList(0, 2));
    String said = desk.run("log", "--verify").with(3).out();
    assertTrue(said.startsWith("journal: entry 3: the journal ends after entry 2, but the check"));
    assertTrue(said.contains("that ci signed at"), said);
  }

  @Test
  void aCutEndIsFoundByWhatIsKeptElsewhere() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    String line = desk.run("log", "--checkpoint", "--to", elsewhere.toString()).with(0).out();
    assertEquals(line, Files.readString(elsewhere));
    List<String> before = lines();
    forget(desk.store().resolve("checkpoints"));
    rewrite(before.subList(0, 1));
    desk.run("log", "--verify").with(0);
    String said = desk.run("log", "--verify", "--against", elsewhere.toString()).with(3).out();
    assertTrue(said.startsWith("journal: entry 2: the journal ends after entry 1"), said);
  }

  @Test
  void aJournalThatWasMadeAnewIsFound() throws IOException {
    desk.run("log", "--checkpoint").with(0);
    desk.run("tag", "web@1", "v1").with(0);
    desk.run("log", "--checkpoint").with(0);
    List<String> lines = lines();
    lines.set(4, lines.get(4).replace("\"v1\"", "\"v2\""));
    rewrite(lines);
    desk.run("show", "web@v2").with(0); // it fits together
    String said = desk.run("log", "--verify").with(3).out();
    assertTrue(said.startsWith("journal: entry 6: the checkpoint that ci signed at"), said);
    assertTrue(said.contains("an entry from 5 to 6 was changed"), said);
    Path store = desk.store().resolve("checkpoints");
    forget(store);
    desk.run("log", "--verify").with(0);
  }

  @Test
  void onlyTrustedSignersAreBelieved() throws IOException {
    desk.run("log", "--checkpoint", "--key", "ci").with(0);
    String mine = desk.run("key", "show", "ci").with(0).out().substring("ci: ".length()).strip();
    desk.run("key", "create", "other").with(0);
    desk.run("log", "--checkpoint").with(2).complains("choose one of ci, other with --key");
    desk.run("log", "--checkpoint", "--key", "other").with(0);
    assertTrue(desk.run("log", "--verify").with(0).out().contains("2 checkpoints agree"));
    Desk.Said one = desk.run("log", "--verify", "--trust", mine).with(0);
    assertTrue(one.out().contains("1 checkpoint agrees") && one.err().contains("do not count"));
    desk.run("log", "--verify", "--trust", "nobody").with(2).complains("neither a key");
    desk.run("key", "create", "new").with(0);
    String none = desk.run("log", "--verify", "--trust", "new").with(3).out();
    assertTrue(none.contains("none of the trusted keys signed any"), none);
  }

  @Test
  void aLineThatWasChangedIsAFinding() throws IOException {
    desk.run("log", "--checkpoint").with(0);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(desk.store().resolve("checkpoints"))) {
      Path file = files.iterator().next();
      String line = Files.readString(file);
      for (String wrong :
          List.of(
              line.replace("\"sequence\":4", "\"sequence\":2"),
              line.replace("2026", "2025"),
              line.replace("\"format\":1", "\"format\":2"),
              "x" + line,
              line.substring(0, line.length() - 9) + "\n")) {
        assertNotEquals(line, wrong);
        Files.writeString(file, wrong);
        String said = desk.run("log", "--verify").with(3).out();
        assertTrue(said.contains("line 1: "), said);
      }
      Files.writeString(file, line.substring(0, 50)); // a crash
      desk.run("log", "--checkpoint").with(0);
      assertEquals(2, Files.readAllLines(file).size());
    }
  }

  @Test
  void settingsMakeCheckpointsByThemselves() throws IOException {
    desk.write("etc/config.yaml", "checkpoints: {key: ci, after: [collection, pin]}\n");
    desk.run("tag", "web@1", "v1").with(0);
    assertFalse(Files.exists(desk.store().resolve("checkpoints")));
    desk.run("tag", "--remove", "web@v1").with(0);
    desk.run("gc", "--keep", "1").with(0);
    assertTrue(desk.run("log", "--verify").with(0).out().contains("1 checkpoint agrees"));
    desk.run("gc", "--keep", "1").with(0);
    desk.run("tag", "web@2", "v1").with(0);
    assertTrue(desk.run("log", "--verify").with(0).out().contains("1 checkpoint agrees"));
    desk.write("etc/config.yaml", "checkpoints: {key: gone, after: [every]}\n");
    Desk.Said said = desk.run("tag", "web@2", "v2").with(0);
    assertTrue(said.err().contains("no checkpoint of the journal was made"), said.err());
    desk.write("etc/config.yaml", "checkpoints: {after: [sometimes]}\n");
    desk.run("config").with(2);
  }

  @Test
  void aCommandThatFailsHasItsCheckpointToo() throws IOException {
    desk.write("etc/config.yaml", "checkpoints: {key: ci, after: [collection]}\n");
    desk.run("gc", "schedule", "daily 03:00", "--with", "serve").with(0);
    forget(desk.store().resolve("segments"));
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    assertNotEquals(0, desk.run("gc", "schedule", "--run").code());
    assertTrue(desk.run("log", "--kind", "collection").with(0).out().contains("schedule"));
    assertTrue(desk.run("log", "--verify").with(0).out().contains("1 checkpoint agrees"));
  }

  @Test
  void aCutEndIsFoundBehindAnIncompleteLine() throws IOException {
    desk.run("log", "--checkpoint").with(0);
    List<String> lines = lines();
    rewrite(lines.subList(0, 2));
    Files.writeString(journal, lines.get(2).substring(0, 20), StandardOpenOption.APPEND);
    String said = desk.run("log", "--verify").with(3).out();
    assertTrue(said.contains("journal: entry 3: the journal ends after entry 2, but the ch"), said);
    assertTrue(said.contains("journal: entry 3: 20 bytes after entry 2"), said);
    assertTrue(said.contains("copy the journal"), said);
  }

  @Test
  void aCheckpointOfAnotherJournalIsNamedAsThat() throws IOException {
    Desk other = new Desk(Files.createDirectory(directory.resolve("other")));
    other.file("web", "three");
    other.run("build", "web").with(0);
    Files.createDirectories(other.store().resolve("keys"));
    Files.copy(desk.store().resolve("keys/ci"), other.store().resolve("keys/ci"));
    Path elsewhere = directory.resolve("elsewhere");
    for (int i = 0; i < 5; i++) {
      other.run("log", "--checkpoint", "--to", elsewhere.toString()).with(0);
    }
    String said = desk.run("log", "--verify", "--against", elsewhere.toString()).with(3).out();
    assertTrue(said.startsWith("journal: entry 1: the checkpoint that ci signed at "), said);
    assertTrue(said.contains("is of another journal, or the first entry was changed"), said);
    assertFalse(said.contains("cut off"), said);
    assertEquals(1, said.lines().count(), said);
  }

  @Test
  void theUseOfKeysIsRecorded() {
    desk.run("log", "--checkpoint").with(0);
    desk.run("key", "delete", "ci").with(0);
    String log = desk.run("log", "--kind", "key").with(0).out();
    assertEquals(3, log.lines().count(), log);
    assertTrue(log.contains("create key ci") && log.contains("delete key ci"), log);
    assertTrue(log.contains("sign checkpoint with key ci"), log);
    assertFalse(log.contains("secret"), log);
  }

  private long about(String thing) {
    return desk.run("log", "--object", thing).with(0).out().lines().count();
  }

  @Test
  void theLogOfAThing() {
    String image = desk.run("--json", "show", "web@1").with(0).json().path("image").asText();
    desk.run("rollback", "web").with(0);
    desk.run("tag", "web@1", "v1").with(0);
    desk.run("hold", "web@1", "--reason", "x").with(0);
    assertEquals(4, about("web@1"));
    assertEquals(4, about("web@v1"));
    assertEquals(2, about("web@2"));
    assertEquals(2, about(image));
    assertEquals(2, about(image.substring(7, 27)));
    assertEquals(1, about("ci"));
    assertEquals(0, about("nothing"));
    assertEquals(4, about("web"));
    assertEquals(2, desk.run("log", "--kind", "generation").with(0).out().lines().count());
    desk.run("log", "--verify", "--kind", "x").with(2).complains("--verify takes");
    desk.run("log", "--trust", "ci").with(2).complains("--verify takes");
  }
}
