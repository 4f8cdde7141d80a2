package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What deploy specs keep, and how long. */
final class PinKeptTest extends PinDesk {
  @Test
  void pinningTwiceChangesNothing() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--owner", "ann", "--expires", "90d").with(0);
    String after = text();
    JsonNode pins = desk.run("--json", "pins").with(0).json();
    int entries = desk.run("--json", "log").with(0).json().path("entries").size();
    desk.clock(Desk.NOW.plus(Duration.ofHours(1)));
    desk.run("pin", "compose.yaml").with(0);
    assertEquals(after, text());
    assertEquals(pins, desk.run("--json", "pins").with(0).json());
    assertEquals(entries, desk.run("--json", "log").with(0).json().path("entries").size());
    assertEquals("ann", pins.path("pins").get(0).path("owner").asText());
    assertEquals("2026-04-02T03:04:05Z", pins.path("pins").get(0).path("expires").asText());
  }

  @Test
  void aPinKeepsAnImageFromTheCollectorUntilItIsTakenAway() throws IOException {
    write(HOST + "web:1");
    String one = image("web@1");
    desk.run("pin", "compose.yaml").with(0);
    desk.run("gc", "--keep", "1").with(0);
    desk.run("delete", "web@1").with(3); // pinned
    Files.delete(desk.path("compose.yaml"));
    desk.run("unpin", "compose.yaml", "-m", "done").with(0);
    assertEquals(List.of(), pins());
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(5, desk.run("show", one).code());
    write(HOST + "web:1@" + one);
    desk.run("pin", "--check", "compose.yaml").with(3);
    Desk.Said said = desk.run("pin", "compose.yaml").with(3);
    assertTrue(said.err().contains("compose.yaml:4:13: "), said::toString);
    assertTrue(said.err().contains("web@1, which was deleted"), said::toString);
    desk.run("unpin", "compose.yaml").with(5);
  }

  @Test
  void updateMovesToWhatIsCurrentAndKeepsWhatWasThere() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--owner", "ann").with(0);
    String one = image("web@1");
    String three = build("three");
    desk.run("pin", "compose.yaml").with(0);
    assertTrue(text().contains(HOST + "web:1@" + one));
    desk.run("pin", "compose.yaml", "--update", "--dry-run").with(0);
    assertTrue(text().contains(HOST + "web:1@" + one));
    desk.run("pin", "compose.yaml", "--update").with(0);
    assertEquals(compose(HOST + "web:3@" + three), text());
    assertEquals(
        List.of("[4] " + HOST + "web:1 " + one + " missing", "[4] " + HOST + "web:3 " + three),
        pins());
    assertEquals(
        "ann", desk.run("--json", "pins").json().path("pins").get(1).path("owner").asText());
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(0, desk.run("show", one).code()); // it may still run
    desk.clock(Desk.NOW.plus(Duration.ofDays(8)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(List.of("[4] " + HOST + "web:3 " + three), pins());
  }

  @Test
  void whatWasRevokedIsNotPinnedAndIsFound() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    revoke(image("web@1"));
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(said.out().contains("revoked by tester: leaks"), said::toString);
    desk.run("pin", "compose.yaml").with(3);
    String pins = desk.run("pins").with(0).out();
    assertTrue(pins.contains("REVOKED: leaks"), pins);
    desk.write("other.yaml", compose(HOST + "web:1"));
    desk.run("pin", "other.yaml").with(3);
  }

  @Test
  void anIndexWithARevokedPlatformIsFoundAndStopsNoRefresh() throws IOException {
    write(HOST + "web:1");
    desk.write("next.yaml", compose(HOST + "web:2"));
    desk.run("pin", "compose.yaml").with(0);
    desk.run("pin", "next.yaml").with(0);
    JsonNode show = desk.run("--json", "show", "web@1").with(0).json();
    revoke(show.path("platforms").get(0).path("manifest").asText());
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(
        said.out().contains("a part of web@1, was revoked by tester: leaks"), said::toString);
    assertTrue(desk.run("pins").with(0).out().contains("REVOKED: leaks"));
    desk.write(
        "compose.yaml", compose(HOST + "web:2@" + image("web@2"), HOST + "web@" + image("web@1")));
    desk.run("unpin", "compose.yaml").with(0);
    desk.write("compose.yaml", compose(HOST + "web:2"));
    desk.run("pin", "compose.yaml").with(0);
    String both = compose(HOST + "web:2@" + image("web@2"), HOST + "web:1@" + image("web@1"));
    desk.write("compose.yaml", both);
    Files.delete(desk.path("next.yaml"));
    desk.run("pins", "--refresh").with(0);
    assertEquals(1, pins().stream().filter(each -> each.endsWith("missing")).count());
    assertEquals(2, pins().size());
  }

  @Test
  void aFileWithMoreLinesOfAnImageThanAPinHoldsIsLookedAt() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    String[] many = new String[4_200];
    Arrays.fill(many, HOST + "web:2@" + image("web@2"));
    many[0] = HOST + "web:1@" + image("web@1");
    write(many);
    desk.run("pins", "--refresh").with(0);
    assertEquals(2, pins().size());
  }

  private void revoke(String image) throws IOException {
    try (Store store = DiskStore.open(desk.store(), Clock.systemUTC(), any -> {})) {
      Profiles.Because because = new Profiles.Because(Desk.NOW, "tester", "leaks", Duration.ZERO);
      store.roots().revoke(Digest.parse(image), because);
    }
  }

  @Test
  void refreshSeesWhatPeopleDid() throws IOException {
    String one = image("web@1");
    String two = image("web@2");
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    write(HOST + "web:2@" + two);
    desk.run("pins", "--refresh").with(0);
    List<String> both =
        List.of("[4] " + HOST + "web:1 " + one + " missing", "[4] " + HOST + "web:2 " + two);
    assertEquals(both, pins());
    desk.clock(Desk.NOW.plus(Duration.ofDays(6)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(both, pins());
    write(HOST + "web:1@" + one, HOST + "web:2@" + two);
    desk.run("pins", "--refresh").with(0);
    assertFalse(pins().toString().contains("missing"), pins()::toString);
    Files.delete(desk.path("compose.yaml"));
    desk.run("pins", "--refresh").with(0);
    assertEquals(2, pins().stream().filter(each -> each.endsWith("missing")).count());
    desk.clock(Desk.NOW.plus(Duration.ofDays(14)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(List.of(), pins());
  }

  @Test
  void whatALookAtTheFilesRecordsByAWrongClockMakesItNoBetter() throws IOException {
    String two = image("web@2");
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    write(HOST + "web:2@" + two);
    desk.clock(Desk.NOW.plus(Duration.ofDays(500)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(2, pins().size(), "what a file says is kept by any clock");
    assertFalse(pins().toString().contains("missing"), pins()::toString);
    desk.run("gc", "--keep-for", "1d").with(0).complains("more than a year after");
    desk.clock(Desk.NOW.plus(Duration.ofDays(1)));
    desk.run("pins", "--refresh").with(0);
    assertTrue(pins().toString().contains("missing"), pins()::toString);
  }

  @Test
  void whatCannotBeReadIsKept() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    Files.delete(desk.path("compose.yaml"));
    Files.createDirectory(desk.path("compose.yaml")); // as a path that one may not enter
    Desk.Said said = desk.run("pins", "--refresh").with(0);
    assertTrue(said.err().contains("what it kept is kept"), said::toString);
    assertEquals(1, pins().size());
    assertFalse(pins().get(0).endsWith("missing"));
  }

  @Test
  void aWrongClockEndsNoGraceTime() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    Files.delete(desk.path("compose.yaml"));
    desk.run("pins", "--refresh").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofDays(1000)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(1, pins().size());
  }

  @Test
  void theGraceTimeIsASetting() throws IOException {
    desk.write("store/config.yaml", "pins: {grace: 1h}\n");
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    Files.delete(desk.path("compose.yaml"));
    desk.run("pins", "--refresh").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofMinutes(59)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(1, pins().size());
    desk.clock(Desk.NOW.plus(Duration.ofMinutes(60)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(List.of(), pins());
    String shown = desk.run("config", "--show").with(0).out();
    assertTrue(shown.contains("pins.grace"), shown);
    desk.write("store/config.yaml", "pins: {grace: soon}\n");
    desk.run("pins").with(0);
    desk.run("pins", "--refresh").with(2);
    desk.write("store/config.yaml", "");
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTooMuchKeptAndTheNextRunGoesOn() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    String before = text();
    for (int i = 0; i < 100; i++) { // all names of the half-written file are taken
      desk.write(".compose.yaml.imgstore-" + i + "/mine", "");
    }
    desk.run("pin", "--update", "compose.yaml").with(1);
    assertEquals(before, text());
    List<String> both =
        List.of(
            "[4] " + HOST + "web:1 " + image("web@1"), "[4] " + HOST + "web:2 " + image("web@2"));
    assertEquals(both, pins());
    Files.delete(desk.path(".compose.yaml.imgstore-99/mine"));
    Files.delete(desk.path(".compose.yaml.imgstore-99"));
    desk.run("pin", "--update", "compose.yaml").with(0);
    assertEquals(compose(HOST + "web:2@" + image("web@2")), text());
    assertEquals(List.of(both.get(0) + " missing", both.get(1)), pins());
  }

  @Test
  void oneCommandAtATimeChangesPins() throws IOException {
    write(HOST + "web:1");
    try (FileChannel other =
            FileChannel.open(
                desk.path("store/pins.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = other.lock()) {
      assertTrue(held.isValid());
      desk.run("pin", "compose.yaml").with(4).complains("another imgstore changes pins");
      desk.run("unpin", "compose.yaml").with(4);
      desk.run("pins", "--refresh").with(4);
      desk.run("pin", "--check", "compose.yaml").with(3);
      desk.run("pins").with(0);
    }
    desk.run("pin", "compose.yaml").with(0);
  }

  @Test
  void aNameStandsForAPathThatChanges() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "--as", "prod", "compose.yaml").with(0);
    Files.delete(desk.path("compose.yaml"));
    desk.run("pins", "--refresh").with(0);
    assertEquals(1, pins().size());
    assertFalse(pins().get(0).endsWith("missing"));
    desk.run("unpin", "--as", "prod").with(0);
    assertEquals(List.of(), pins());
    desk.run("unpin").with(2);
    desk.run("pin", "--as", "prod", "a", "b").with(2);
  }

  @Test
  void aPinThatIsOverIsToldAndKeptAgain() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--expires", "1h").with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofHours(2)));
    assertTrue(desk.run("pins").with(0).out().contains("EXPIRED"));
    Desk.Said check = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(check.out().contains("its pin expired at"), check::toString);
    Desk.Said again = desk.run("pin", "compose.yaml").with(0);
    assertTrue(again.err().contains("kept again"), again::toString);
    assertFalse(desk.run("pins").with(0).out().contains("EXPIRED"));
    desk.run("gc", "--keep", "1").with(0);
    desk.run("show", image("web@1")).with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
  }

  @Test
  void aPinThatACollectionTookAwayIsFoundWhereItWas() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--expires", "1h").with(0);
    desk.write("elsewhere.yaml", text());
    desk.clock(Desk.NOW.plus(Duration.ofHours(2)));
    desk.run("pin", "--check", "compose.yaml").with(3);
    desk.run("gc").with(0);
    assertEquals(List.of(), pins());
    Desk.Said check = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(check.out().contains("nothing keeps it: its pin expired"), check::toString);
    desk.run("pin", "--check", "elsewhere.yaml").with(0); // never pinned here, as in CI
    desk.run("pin", "compose.yaml").with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
    desk.run("unpin", "compose.yaml").with(0);
    desk.run("pin", "--check", "compose.yaml").with(0); // somebody wanted that
  }

  @Test
  void whatOnlyAPinKeepsIsHandedOut() throws IOException {
    JsonNode show = desk.run("--json", "show", "web@1").with(0).json();
    String child = show.path("platforms").get(0).path("manifest").asText();
    write(HOST + "web:1@" + child);
    desk.run("pin", "compose.yaml", "--platform-child").with(0);
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(5, desk.run("show", "web@1").code());
    desk.run("export", "oci", child, "o").with(0);
    assertTrue(Files.exists(desk.path("o/blobs/sha256/" + child.substring(7))));
    desk.run("export", "oci", child.substring(0, 20), "-", "--format", "oci-archive").with(0);
    desk.run("revoke", child, "--reason", "CVE").with(0);
    assertTrue(desk.run("export", "oci", child, "p").with(0).err().contains("must not be used"));
    desk.run("export", "oci", "sha256:000000", "q").with(5);
  }

  @Test
  void theLogFindsPinsByTheirKind() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    assertTrue(desk.run("log", "--kind", "pin").with(0).out().contains("compose.yaml"));
    Desk.Said said = desk.run("log", "--kind", "genration").with(2);
    assertTrue(said.err().contains("did you mean generation?"), said::toString);
  }

  @Test
  void aRevocationIsUndoneWithAReasonToo() {
    desk.run("revoke", "web@1", "--reason", "bad").with(0);
    desk.run("revoke", "web@1", "--undo", "--reason", "was not").with(0);
  }

  @Test
  void whatAKilledPinLeftIsRemovedAndOnlyThat() throws IOException {
    write(HOST + "web:1");
    List<String> others =
        List.of(
            ".compose.yaml.imgstore",
            ".compose.yaml.imgstore-007",
            ".compose.yaml.imgstore-x",
            ".other.yaml.imgstore-0",
            "compose.yaml.imgstore-0");
    for (String each : others) {
      desk.write(each, "mine");
    }
    desk.write(".compose.yaml.imgstore-0", "half");
    desk.write(".compose.yaml.imgstore-42", "half");
    Path link = desk.path(".compose.yaml.imgstore-1");
    Files.createSymbolicLink(link, desk.write("mine", "mine"));
    Path busy = desk.write(".compose.yaml.imgstore-2", "half");
    try (FileChannel writer = FileChannel.open(busy, StandardOpenOption.WRITE);
        var held = writer.lock()) {
      assertTrue(held.isValid());
      desk.run("pin", "--check", "compose.yaml").with(3);
      assertTrue(Files.exists(desk.path(".compose.yaml.imgstore-0")));
      desk.run("pin", "compose.yaml").with(0);
      assertTrue(Files.exists(busy)); // its writer lives
    }
    assertFalse(Files.exists(desk.path(".compose.yaml.imgstore-0")));
    assertFalse(Files.exists(desk.path(".compose.yaml.imgstore-42")));
    assertTrue(Files.isSymbolicLink(link));
    for (String each : others) {
      assertEquals("mine", Files.readString(desk.path(each)));
    }
    desk.run("pin", "compose.yaml").with(0); // though nothing is to be written
    assertFalse(Files.exists(busy));
  }

  @Test
  void aFileWithAnotherNameIsTold() throws IOException {
    Path file = write(HOST + "web:1");
    Files.createLink(desk.path("other.yaml"), file);
    Desk.Said said = desk.run("pin", "compose.yaml").with(0);
    assertTrue(said.err().contains("compose.yaml has another name (a hard link)"), said::toString);
    assertEquals(compose(HOST + "web:1"), Files.readString(desk.path("other.yaml")));
    assertFalse(desk.run("pin", "compose.yaml").with(0).err().contains("another name"));
  }

  @Test
  void namesOfFilesBeginNoLines() throws IOException {
    String name = "a\n::error::b.yaml";
    desk.write(name, compose(HOST + "web:1", "${X}"));
    List<Desk.Said> all = new ArrayList<>();
    all.add(desk.run("pin", "--check", "--strict", name).with(3));
    all.add(desk.run("pin", name).with(0));
    all.add(desk.run("pins").with(0));
    Files.delete(desk.path(name));
    Files.createDirectory(desk.path(name));
    all.add(desk.run("pin", name).with(2));
    all.add(desk.run("pins", "--refresh").with(0));
    Files.delete(desk.path(name));
    all.add(desk.run("pin", name).with(5));
    all.add(desk.run("pins", "--refresh").with(0));
    all.add(desk.run("unpin", name).with(0));
    all.add(desk.run("unpin", name).with(5));
    for (Desk.Said said : all) {
      String lines = said.out() + said.err();
      assertTrue(lines.contains("::error::b.yaml"), said::toString);
      assertFalse(lines.contains("\n::error::"), said::toString);
    }
  }

  @Test
  void refreshReadsAFileByTheNameOfItsLink() throws IOException {
    desk.write("images/base_linux", "FROM " + HOST + "web:1\n");
    Files.createSymbolicLink(desk.path("Dockerfile"), Path.of("images/base_linux"));
    desk.run("pin", "Dockerfile").with(0);
    String one = HOST + "web:1@" + image("web@1");
    String two = HOST + "web:2@" + image("web@2");
    assertEquals("FROM " + one + "\n", Files.readString(desk.path("images/base_linux")));
    desk.write("images/base_linux", "FROM " + one + " AS a\nFROM " + two + "\n");
    desk.run("pins", "--refresh").with(0);
    assertEquals(2, pins().size());
    desk.write("images/Dockerfile", "image: " + HOST + "web:1\n");
    Files.createSymbolicLink(desk.path("values.yaml"), Path.of("images/Dockerfile"));
    desk.run("pin", "values.yaml").with(0);
    assertEquals("image: " + one + "\n", Files.readString(desk.path("images/Dockerfile")));
  }
}
