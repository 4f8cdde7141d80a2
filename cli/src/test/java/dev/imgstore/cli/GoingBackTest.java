package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What there is to go back to stays, also when it was gone back; what is typed runs. */
final class GoingBackTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.set("PATH", System.getenv("PATH"));
    for (String each : List.of("one", "two", "three", "four")) {
      desk.file("web", each);
      desk.run("build", "web").with(0);
    }
  }

  @AfterEach
  void storeIsSound() throws IOException {
    desk.verify();
  }

  private void settings(String... lines) throws IOException {
    desk.write("etc/config.yaml", "profiles:\n  web:\n    " + String.join("\n    ", lines) + "\n");
  }

  private String current() {
    return desk.run("show", "web").with(0).out().replaceFirst("(?s) .*", "");
  }

  private boolean isThere(int number) {
    return desk.run("generations", "web").with(0).out().contains("web@" + number + " ");
  }

  private List<String> log() {
    return desk.run("log", "web").with(0).out().lines().toList();
  }

  private String said() throws IOException {
    Path said = desk.path("said");
    return Files.exists(said) ? Files.readString(said) : "";
  }

  /** What is left of a command that was killed after its entry, as it begins others. */
  private void dies(int from, int to, Switch.Kind kind) throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      store
          .profiles()
          .makeCurrent(
              "web",
              from,
              to,
              kind,
              new Profiles.Because(Desk.NOW, "ann", "")
                  .with(Profiles.ACTIVATION, Profiles.FOLLOWS));
    }
  }

  @Test
  void whatTheNextRollbackNeedsStaysThoughOneWasKilled() throws IOException {
    dies(4, 3, Switch.Kind.ROLLBACK);
    desk.run("delete", "web@2").complains("web@2 is what to go back to");
    desk.run("gc", "--keep", "1").with(0);
    assertTrue(isThere(2));
    assertFalse(isThere(1));
    desk.run("rollback", "web").with(0);
    assertEquals("web@2", current());
  }

  @Test
  void whatTheNextRollbackNeedsStaysThoughOneFailed() throws IOException {
    desk.run("switch", "web", "1").with(0);
    desk.run("switch", "web", "3").with(0);
    settings("activate: 'false'");
    desk.run("switch", "web", "4").with(3); // goes back to 3, which fails too
    assertEquals("web@3", current());
    desk.run("gc", "--keep", "1").with(0);
    assertTrue(isThere(1));
    desk.run("rollback", "web", "--no-activate").with(0);
    assertEquals("web@1", current());
  }

  @Test
  void whatRunsAgainIsAnnouncedBefore() throws IOException {
    settings("activate: 'grep -c activating \"$IMGSTORE_HOME/journal\" >> said; false'");
    desk.run("switch", "web", "4").with(3);
    assertEquals("1\n1\n", said());
    assertEquals("web@3", current());
    assertTrue(log().stream().anyMatch(line -> line.contains("activate web@4 again")));
    desk.run("log", "web", "--kind", "activating").with(0);
  }

  @Test
  void whatToGoBackToStaysWhileWhatIsCurrentIsActivatedAgain() throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      Profiles.Because because = new Profiles.Because(Desk.NOW, "ann", "");
      assertFalse(store.profiles().activating("web", 3, because), "another is current");
      assertTrue(store.profiles().activating("web", 4, because));
    }
    desk.run("generations", "web").with(0).complains("web@4 is current, but its activation");
    desk.run("log").with(0).complains("web@4 is current, but its activation");
    desk.run("gc", "--keep", "1").with(0);
    assertTrue(isThere(3));
    assertFalse(isThere(2));
    settings("activate: 'true'");
    desk.run("switch", "web", "4").with(0);
    assertEquals("", desk.run("generations", "web").with(0).err());
    desk.run("gc", "--keep", "1").with(0);
    assertFalse(isThere(3));
  }

  @Test
  void whatIsKnownNotToWorkIsGoneBackToOnlyByName() throws IOException {
    desk.run("switch", "web", "3").with(0);
    settings("activate: 'test $IMGSTORE_NEW_REF != web@4'");
    desk.run("switch", "web", "4").with(3);
    settings("activate: 'true'");
    desk.run("delete", "web@1").with(0);
    desk.run("delete", "web@2").with(0);
    assertEquals(
        "imgstore: nothing was current before web@3; imgstore generations web lists what --to can"
            + " name",
        desk.run("rollback", "web").with(5).err().strip());
    desk.run("rollback", "web", "--to", "4").with(0);
    assertEquals("web@4", current());
  }

  @Test
  void whatWasLeftForWhatIsGoneIsNotItsOwnPast() throws IOException {
    desk.run("switch", "web", "1").with(0);
    desk.run("switch", "web", "4").with(0);
    desk.run("switch", "web", "1").with(0);
    for (int number = 2; number <= 4; number++) {
      desk.run("delete", "web@" + number).with(0);
    }
    desk.run("rollback", "web").with(5).complains("nothing was current before web@1");
  }

  @Test
  void aTypedHealthCommandRunsThoughItWorked() throws IOException {
    settings("activate: 'echo $IMGSTORE_NEW_REF >> said'");
    desk.run("switch", "web", "4").with(0);
    desk.run("switch", "web", "4").with(0);
    assertEquals("web@4\n", said());
    desk.run("switch", "web", "4", "--health", "echo healthy >> said").with(0);
    assertEquals("web@4\nweb@4\nhealthy\n", said());
    desk.run("switch", "web", "4", "--health", "false", "--timeout", "1s").with(3);
    assertEquals("web@3", current());
  }

  @Test
  void whatIsNotToRunIsNotTyped() {
    int entries = log().size();
    for (List<String> each : List.of(List.of("--health", "true"), List.of("--timeout", "5s"))) {
      for (String command : List.of("switch web 1", "switch web 4", "rollback web")) {
        List<String> args = new ArrayList<>(List.of(command.split(" ", -1)));
        args.add("--no-activate");
        args.addAll(each);
        desk.run(args.toArray(String[]::new)).with(2).complains("--no-activate");
      }
    }
    assertEquals(entries, log().size());
  }

  @Test
  void theCommandIsToldThePathThatIsCurrent() throws IOException {
    settings("form: tree");
    desk.run("switch", "web", "1", "--no-activate").with(0);
    settings("form: layout", "activate: 'echo $IMGSTORE_NEW_PATH >> said'");
    desk.run("switch", "web", "1").with(0);
    assertEquals(desk.store().resolve("profiles/web/1-layout") + "\n", said());
  }
}
