package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.store.disk.DiskStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that follow a switch: what they are told, and what becomes of it when they fail. */
final class ActivationTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.set("PATH", System.getenv("PATH"));
    build("one");
    build("two");
  }

  @AfterEach
  void storeIsSound() throws IOException {
    desk.verify();
    assertEquals(current(), linked(), "the link says what the journal says");
  }

  private Desk.Said build(String text) throws IOException {
    desk.file("web", text);
    return desk.run("build", "web");
  }

  private String current() {
    return desk.run("show", "web").with(0).out().replaceFirst("(?s) .*", "");
  }

  private String linked() throws IOException {
    return Files.readString(desk.store().resolve("profiles/web/current/generation")).strip();
  }

  private void settings(String... lines) throws IOException {
    desk.write("etc/config.yaml", "profiles:\n  web:\n    " + String.join("\n    ", lines) + "\n");
  }

  private List<String> log() {
    return desk.run("log", "web").with(0).out().lines().toList();
  }

  private String said() throws IOException {
    return Files.readString(desk.path("said"));
  }

  @Test
  void theCommandIsToldOldAndNew() throws IOException {
    settings(
        "activate: 'echo $IMGSTORE_STEP $IMGSTORE_OLD_REF $IMGSTORE_NEW_REF $IMGSTORE_NEW_DIGEST"
            + " > said; cat \"$IMGSTORE_OLD_PATH/generation\" \"$IMGSTORE_NEW_PATH/generation\""
            + " >> said; sha256sum < \"$IMGSTORE_NEW_PATH/manifest.json\" >> said; echo heard'");
    Desk.Said said = desk.run("switch", "web", "1").with(0);
    String digest = said.image();
    assertEquals(
        "activate web@2 web@1 %1$s\nweb@2\nweb@1\n%2$s  -\n"
            .formatted(digest, digest.substring("sha256:".length())),
        said());
    assertTrue(said.err().contains("heard"), said::toString);
    assertTrue(log().get(0).contains("activated web@1"), log()::toString);
    assertTrue(log().get(1).contains("switch web@2 to web@1"), log()::toString);
  }

  @Test
  void aCommandThatFailsTakesItBackAndIsCalledTheOtherWay() throws IOException {
    settings(
        "activate: 'echo $IMGSTORE_OLD_REF $IMGSTORE_NEW_REF >> said; echo no such port;"
            + " test $IMGSTORE_NEW_REF != web@3'");
    desk.file("web", "three");
    Desk.Said said = desk.run("build", "web").with(3);
    assertTrue(
        said.err().contains("web@3 does not work: activate: ended with 1: no such port"),
        said.err());
    assertTrue(said.err().contains("web@2 is current again"), said.err());
    assertEquals("web@2 web@3\nweb@3 web@2\n", said());
    assertEquals("web@2", current());
    assertTrue(log().get(0).contains("activated web@2"), log()::toString);
    assertTrue(log().get(1).contains("rollback web@3 to web@2"), log()::toString);
    assertTrue(log().get(1).contains("no such port"), log()::toString);
    desk.run("build", "web").with(3); // what was taken back is not switched to by a build
  }

  @Test
  void whatMustNotBeUsedIsNotGoneBackTo() throws IOException {
    desk.run("switch", "web", "1").with(0);
    desk.run("revoke", "web@1", "--reason", "it has a hole").with(0);
    settings("activate: 'test $IMGSTORE_NEW_REF != web@2'");
    Desk.Said said = desk.run("switch", "web", "2").with(3);
    assertTrue(said.err().contains("it stays current"), said.err());
    assertTrue(said.err().contains("it has a hole"), said.err());
    assertEquals("web@2", current());
    desk.run("generations", "web").with(0).complains("did not work when it was activated");
  }

  @Test
  void whatCannotBeLaidOutIsGoneBackToAllTheSame() throws IOException {
    List<Path> before = segments();
    build("three");
    settings("activate: 'test $IMGSTORE_NEW_REF != web@1'", "form: tree");
    List<Path> lost = new ArrayList<>(segments());
    lost.removeAll(before);
    for (Path each : lost) {
      if (each.getFileName().toString().startsWith("c")) {
        Files.move(each, desk.path(each.getFileName().toString()));
      }
    }
    Desk.Said said = desk.run("switch", "web", "1").with(3);
    for (Path each : lost) {
      if (!Files.exists(each)) {
        Files.move(desk.path(each.getFileName().toString()), each);
      }
    }
    assertTrue(said.err().contains("current will have no files of web@3"), said.err());
    assertTrue(said.err().contains("web@3 is current again"), said.err());
    assertEquals("web@3", current());
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> all = Files.list(desk.store().resolve("segments"))) {
      return all.toList();
    }
  }

  @Test
  void aCommandThatHangsIsKilledWithAllItStarted() throws IOException {
    settings("activate: 'sleep 1234.5 & echo $! > said; sleep 1234.5'", "timeout: 1s");
    Desk.Said said = desk.run("switch", "web", "1").with(3);
    assertTrue(said.err().contains("not done after 1 s, and killed"), said.err());
    long child = Long.parseLong(said().strip());
    ProcessHandle.of(child).ifPresent(left -> left.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    assertEquals("web@2", current());
    desk.run("generations", "web").with(0).complains("did not work when it was activated");
  }

  @Test
  void aCommandThatIsKilledTakesItBack() throws IOException {
    settings("activate: 'test $IMGSTORE_NEW_REF = web@2 || kill -KILL $$'");
    Desk.Said said = desk.run("switch", "web", "1").with(3);
    assertTrue(said.err().contains("killed by signal 9"), said.err());
    assertEquals("web@2", current());
  }

  @Test
  void aHealthCommandMarksWhatWorksAndTakesBackWhatDoesNot() throws IOException {
    desk.run("switch", "web", "1", "--health", "test -e ready || { touch ready; false; }").with(0);
    assertTrue(log().get(0).contains("mark web@1 as good"), log()::toString);
    Desk.Said said =
        desk.run("switch", "web", "2", "--health", "echo 503; false", "--timeout", "1s").with(3);
    assertTrue(said.err().contains("health: ended with 1, until 1 s were over: 503"), said.err());
    assertEquals("web@1", current());
    desk.run("switch", "web", "2", "--no-activate").with(0);
  }

  @Test
  void aCommandMayUseTheStore() throws IOException {
    Path store = desk.store();
    settings("activate: 'test -s \"$IMGSTORE_HOME/journal\" && echo $IMGSTORE_HOME > said'");
    desk.run("switch", "web", "1").with(0);
    assertEquals(store + "\n", said());
  }

  @Test
  void oneActivationAtATime() throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {});
        Closeable other = store.activations().tryBegin("web").orElseThrow()) {
      assertTrue(other.toString().length() > 0);
      desk.run("switch", "web", "1").with(4).complains("another command makes a generation of web");
      desk.run("rollback", "web").with(4);
    }
    desk.run("rollback", "web").with(0);
  }

  @Test
  void whatDiedInTheMiddleIsToldAndCanBeEnded() throws IOException {
    settings("activate: 'echo $IMGSTORE_NEW_REF >> said'");
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      store
          .profiles()
          .makeCurrent(
              "web",
              2,
              1,
              dev.imgstore.model.Switch.Kind.SWITCH,
              new dev.imgstore.store.Profiles.Because(Desk.NOW, "ann", "")
                  .with("activation", "follows"));
    }
    desk.run("generations", "web")
        .with(0)
        .complains("web@1 is current, but its activation did not end");
    desk.run("switch", "web", "1").with(0);
    assertEquals("web@1\n", said());
    assertEquals("", desk.run("generations", "web").with(0).err());
    desk.run("switch", "web", "1").with(0); // seen to work: not again
    assertEquals("web@1\n", said());
  }

  @Test
  void othersFindTheFilesOfWhatIsCurrent() throws IOException {
    settings("form: tree");
    desk.run("switch", "web", "1").with(0);
    Path now = desk.store().resolve("profiles/web/current");
    assertEquals("one", Files.readString(now.resolve("rootfs/text")));
    build("three").with(0);
    assertEquals("three", Files.readString(now.resolve("rootfs/text")));
    settings("form: layout");
    desk.run("rollback", "web").with(0);
    build("four").with(0);
    assertTrue(Files.exists(now.resolve("oci/index.json")));
    desk.run("gc", "--keep", "10").with(0);
  }

  @Test
  void aCommandOfSomebodyElseIsNotRun() throws IOException {
    settings("activate: 'touch said'");
    Path file = desk.path("etc/config.yaml");
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
    desk.run("switch", "web", "1").with(2).complains("writable by everybody");
    desk.run("switch", "web", "1", "--no-activate").with(0);
    assertFalse(Files.exists(desk.path("said")));
  }

  @Test
  void wrongSettingsAreNamed() throws IOException {
    settings("timeout: soon", "form: tar", "activat: x");
    String err = desk.run("switch", "web", "1").with(2).err();
    for (String word : List.of("not a time: soon", "`tar` is no form", "did you mean `activate`")) {
      assertTrue(err.contains(word), err);
    }
  }
}
