package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
    switchDies();
    String told = "web@1 is current, but its activation did not end";
    desk.run("generations", "web").with(0).complains(told);
    desk.run("log").with(0).complains(told);
    desk.run("log", "web").with(0).complains(told);
    desk.run("ok", "web").with(0).complains(told);
    assertFalse(desk.run("ok", "web@2").with(0).err().contains(told));
    build("one").with(0).complains(told);
    desk.run("switch", "web", "1").with(0);
    assertEquals("web@1\n", said());
    assertEquals("", desk.run("generations", "web").with(0).err());
    desk.run("switch", "web", "1").with(0); // seen to work: not again
    assertEquals("web@1\n", said());
  }

  /** A switch to web@1 that is killed before its commands run. */
  private void switchDies() throws IOException {
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
  }

  @Test
  void whatWorksAndMustNotBeUsedIsNotMarkedGood() throws IOException {
    settings("health: 'true'");
    switchDies();
    desk.run("revoke", "web@1", "--reason", "leaks keys").with(0);
    desk.run("switch", "web", "1").with(0).complains("web@1 works, but is not marked good");
    assertFalse(desk.run("generations", "web").with(0).out().contains("last-good"));
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
  void whatALinkLeadsToIsWhatCounts() throws IOException {
    settings("activate: 'touch said'");
    Path real = Files.move(desk.path("etc/config.yaml"), desk.path("etc/real.yaml"));
    Files.createSymbolicLink(desk.path("etc/config.yaml"), real);
    desk.run("switch", "web", "1").with(0);
    assertTrue(Files.exists(desk.path("said")));
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-rw-rw-"));
    desk.run("switch", "web", "2").with(2).complains("it is writable by everybody");
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(desk.path("etc"), PosixFilePermissions.fromString("rwxrwxrwx"));
    desk.run("switch", "web", "2").with(2).complains("/etc is writable by everybody");
  }

  @Test
  void rootBelievesNoGroupButItsOwn() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root may give files away");
    settings("activate: 'touch said'", "form: tree");
    Path file = desk.path("etc/config.yaml");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    desk.user("root");
    desk.run("switch", "web", "1").with(0);
    Files.setAttribute(file, "unix:gid", 65534);
    desk.run("switch", "web", "2").with(2).complains("writable by the group");
    Desk.Said quiet = desk.run("switch", "web", "2", "--no-activate").with(0);
    assertTrue(quiet.err().contains("form: tree is not followed by root"), quiet.err());
    assertFalse(Files.exists(desk.store().resolve("profiles/web/2-tree")));
  }

  @Test
  void rootLaysOutNothingThatRunsAsRoot() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root lays out owners");
    desk.user("root");
    settings("form: tree");
    desk.write("web/recipe.yaml", "name: web\nfiles:\n  - {path: /su, text: x, mode: '4755'}\n");
    desk.run("build", "web").with(0);
    Path su = desk.store().resolve("profiles/web/current/rootfs/su");
    assertEquals(0755, ((Integer) Files.getAttribute(su, "unix:mode")) & 07777);
    Path tree = desk.store().resolve("profiles/web/current").toRealPath();
    assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(tree)));
  }

  @Test
  void whatToGoBackToStaysWhileItsSuccessorIsInDoubt() throws IOException {
    build("three");
    announce(3, 2);
    announce(2, 1);
    desk.run("delete", "web@2").complains("web@2 is what to go back to");
    desk.run("gc", "--keep", "1").with(0);
    assertTrue(desk.run("generations", "web").with(0).out().contains("web@2 "));
    settings("activate: 'true'");
    desk.run("switch", "web", "1").with(0);
    desk.run("gc", "--keep", "1").with(0);
    assertFalse(desk.run("generations", "web").with(0).out().contains("web@2 "));
  }

  /** A switch whose commands nobody ran. */
  private void announce(int from, int to) throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      store.profiles().makeCurrent("web", from, to, Switch.Kind.SWITCH, announced());
    }
  }

  private static Profiles.Because announced() {
    return new Profiles.Because(Desk.NOW, "ann", "").with("activation", "follows");
  }

  @Test
  void aFailureIsToldThoughAnotherIsCurrentByNow() throws Exception {
    build("three");
    meanwhile("false");
    Desk.Said said = desk.run("switch", "web", "2").with(3);
    pushed.join();
    assertTrue(said.err().contains("it was not taken back"), said.err());
    assertTrue(log().get(0).contains("web@2"), log()::toString);
    assertTrue(log().get(0).contains("ended with 1"), log()::toString);
    assertEquals("web@1", current());
  }

  @Test
  void successIsToldThoughAnotherIsCurrentByNow() throws Exception {
    build("three");
    meanwhile("true");
    Desk.Said said = desk.run("switch", "web", "2").with(0);
    assertTrue(said.err().contains("web@2 works, but web@1 was made current"), said.err());
    pushed.join();
  }

  private Thread pushed = new Thread(() -> {});

  /** A command during which another makes web@1 current, and that then ends as said. */
  private void meanwhile(String end) throws IOException {
    settings("activate: 'cat go; cat gone; " + end + "'");
    try {
      for (String each : List.of("go", "gone")) {
        assertEquals(0, new ProcessBuilder("mkfifo", desk.path(each) + "").start().waitFor());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    pushed =
        new Thread(
            () -> {
              try {
                Files.writeString(desk.path("go"), "go\n");
                try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
                  store
                      .profiles()
                      .makeCurrent(
                          "web",
                          2,
                          1,
                          Switch.Kind.SWITCH,
                          new Profiles.Because(Desk.NOW, "bob", "a push"));
                }
                Files.writeString(desk.path("gone"), "gone\n");
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    pushed.start();
  }

  @Test
  void whatWasGoneBackFromIsNotGoneBackTo() throws IOException {
    settings("activate: 'false'");
    desk.run("switch", "web", "1").with(3);
    assertEquals("web@2", current());
    Desk.Said said = desk.run("switch", "web", "2").with(3);
    assertTrue(said.err().contains("web@1 was gone back from already"), said.err());
    assertEquals("web@2", current());
  }

  @Test
  void aStaleLookIsRefused() throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      Profile before = store.profiles().open("web").orElseThrow();
      desk.run("switch", "web", "1").with(0);
      SwitchCommand command = new SwitchCommand();
      Hooks none = new Hooks("", "", Duration.ZERO, "");
      try (Activating alone = Activating.begin(command, store, "web", none, false)) {
        assertThrows(
            StoreException.Locked.class,
            () ->
                alone.run(
                    before,
                    before.currentGeneration().orElseThrow(),
                    Switch.Kind.SWITCH,
                    new Profiles.Because(Desk.NOW, "ann", "")));
      }
    }
  }

  @Test
  void anotherFormReachesWhatHasOneAlready() throws IOException {
    settings("form: tree");
    desk.run("switch", "web", "1").with(0);
    settings("form: layout");
    desk.run("switch", "web", "1").with(0);
    Path now = desk.store().resolve("profiles/web/current");
    assertTrue(Files.exists(now.resolve("oci/index.json")));
    desk.run("gc", "--keep", "10").with(0);
    assertFalse(Files.exists(desk.store().resolve("profiles/web/1-tree")));
    settings("timeout: 3s");
    desk.run("switch", "web", "1").with(0);
    assertEquals("1", now.toRealPath().getFileName().toString());
  }

  @Test
  void aLinkThatIsBehindIsTold() throws IOException {
    Path link = desk.store().resolve("profiles/web/current");
    desk.run("switch", "web", "1").with(0);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("2"));
    for (String each : List.of("generations", "show")) {
      desk.run(each, "web").with(0).complains("current was not moved to it");
    }
    desk.run("switch", "web", "1").with(0);
    assertEquals("", desk.run("generations", "web").with(0).err());
  }

  @Test
  void whoLooksKeepsNobodyFromActivating() throws IOException {
    try (DiskStore store = DiskStore.open(desk.store(), notice -> {})) {
      Closeable look = store.activations().tryBegin("web").orElseThrow();
      Thread ends =
          new Thread(
              () -> {
                try {
                  look.close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      ends.start();
      desk.run("switch", "web", "1").with(0);
    }
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
