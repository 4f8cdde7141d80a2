package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is only told about an activation stops no command, whatever is found in its place. */
final class TellingTest {
  /** Each changes nothing. */
  private static final List<List<String>> READERS =
      List.of(
          List.of("generations", "web"),
          List.of("show", "web"),
          List.of("show", "web@1"),
          List.of("log"),
          List.of("log", "web"),
          List.of("ls"),
          List.of("cat", "web", "/text"),
          List.of("diff", "web@1", "web@2"),
          List.of("why", "web@2"),
          List.of("du"),
          List.of("find", "/text"),
          List.of("pins"),
          List.of("verify"),
          List.of("gc", "--dry-run"));

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.set("PATH", System.getenv("PATH"));
    for (String each : List.of("one", "two")) {
      desk.file("web", each);
      desk.run("build", "web").with(0);
    }
  }

  private Path store(String... names) {
    return desk.store().resolve(String.join("/", names));
  }

  /** The files as an imgstore before layout 2 left them. */
  private void makeLayout1() throws IOException {
    Desk.Said was = desk.run("reindex").with(0);
    assertEquals("", was.err());
    remove(store("profiles"));
    Files.move(store("states"), store("profiles"));
    Files.writeString(store("format"), "1\n");
  }

  private static void remove(Path path) throws IOException {
    try (var all = Files.walk(path)) {
      for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private void allRead() {
    for (List<String> each : READERS) {
      Desk.Said said = desk.run(each.toArray(String[]::new)).with(0);
      assertEquals("", said.err(), each::toString);
    }
  }

  @Test
  void everyReaderReadsLayout1AndLeavesIt() throws IOException {
    makeLayout1();
    allRead();
    assertEquals("1\n", Files.readString(store("format")));
  }

  @Test
  void layout1IsSwitched() throws IOException {
    makeLayout1();
    assertEquals("", desk.run("switch", "web", "1").with(0).err());
    assertEquals("web@1\n", Files.readString(store("profiles", "web", "current", "generation")));
  }

  @Test
  void layout1IsRolledBack() throws IOException {
    makeLayout1();
    assertEquals("", desk.run("rollback", "web").with(0).err());
    assertEquals("web@1\n", Files.readString(store("profiles", "web", "current", "generation")));
    assertEquals("2\n", Files.readString(store("format")));
  }

  @Test
  void layout1IsMarkedGood() throws IOException {
    makeLayout1();
    assertEquals("", desk.run("ok", "web").with(0).err());
    allRead();
  }

  @Test
  void aFileInTheWayStopsNoReader() throws IOException {
    remove(store("profiles", "web"));
    Files.writeString(store("profiles", "web"), "not mine");
    allRead();
    desk.run("ok", "web").with(0);
    desk.run("rollback", "web").complains("profiles/web is in the way");
    desk.run("gc", "--keep", "5").with(0);
    Files.delete(store("profiles", "web"));
    desk.run("rollback", "web").with(0);
  }

  @Test
  void whatCannotBeLookedAtStopsNoReader() throws IOException {
    remove(store("profiles", "web"));
    Files.createSymbolicLink(store("profiles", "web"), Path.of("web")); // for root too
    allRead();
    desk.run("ok", "web").with(0);
  }
}
