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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deploy specs, and what they keep. */
final class PinCommandTest {
  private static final String HOST = "registry.example.org/shop/";

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory.toRealPath());
    build("one");
    build("two");
  }

  @AfterEach
  void verify() {
    desk.verify();
  }

  private String build(String text) throws IOException {
    desk.recipe(
        "web", "platforms: [linux/amd64, linux/arm64]\nfiles: [{path: /t, text: " + text + "}]\n");
    return desk.run("build", "web").with(0).image();
  }

  private String image(String ref) {
    return desk.run("--json", "show", ref).with(0).json().path("image").asText();
  }

  private static String compose(String... images) {
    StringBuilder text = new StringBuilder("# mine\nservices:\n");
    for (int i = 0; i < images.length; i++) {
      text.append("  s" + i + ":\n    image:  " + images[i] + "   # here\n");
    }
    return text.toString();
  }

  private Path write(String... images) throws IOException {
    return desk.write("compose.yaml", compose(images));
  }

  private String text() throws IOException {
    return Files.readString(desk.path("compose.yaml"));
  }

  private List<String> pins() {
    List<String> pins = new ArrayList<>();
    for (JsonNode each : desk.run("--json", "pins").with(0).json().path("pins")) {
      pins.add(
          each.path("lines")
              + " "
              + each.path("reference").asText()
              + " "
              + each.path("image").asText()
              + (each.path("missingSince").asText().isEmpty() ? "" : " missing"));
    }
    return pins;
  }

  @Test
  void whatIsPinnedIsWrittenAndKept() throws IOException {
    write(HOST + "web:1", HOST + "web", "'" + HOST + "web:latest'");
    desk.run("pin", "compose.yaml").with(0);
    String one = image("web@1");
    String two = image("web@2");
    assertEquals(
        compose(HOST + "web:1@" + one, HOST + "web:2@" + two, "'" + HOST + "web:2@" + two + "'"),
        text());
    assertEquals(List.of("[4] " + HOST + "web:1 " + one, "[6,8] " + HOST + "web:2 " + two), pins());
    desk.run("pin", "--check", "compose.yaml").with(0);
  }

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
  void allMistakesAreToldAtOnceAndNothingIsWritten() throws IOException {
    String before = compose(HOST + "web:1", HOST + "wep:1", HOST + "web:77", HOST + "web:prod");
    desk.write("compose.yaml", before);
    desk.write("other.yaml", "services: {a: {image: Not/A:1}}\n");
    Desk.Said said = desk.run("pin", "compose.yaml", "other.yaml").with(2);
    assertTrue(said.err().contains("4 mistakes, nothing was written"), said::toString);
    assertTrue(said.err().contains("compose.yaml:6:13: "), said::toString);
    assertTrue(said.err().contains("did you mean web?"), said::toString);
    assertTrue(said.err().contains("has no generation 77"), said::toString);
    assertTrue(said.err().contains("has no generation prod"), said::toString);
    assertTrue(said.err().contains("other.yaml:1:23: "), said::toString);
    assertEquals(before, text());
    assertEquals(List.of(), pins());
  }

  @Test
  void checkSaysWhatIsNotPinnedOrNotRightly() throws IOException {
    String two = image("web@2");
    write(HOST + "web:1", HOST + "web:1@" + two, HOST + "web@" + two, HOST + "web:2@" + two);
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertEquals(2, said.out().lines().count(), said::toString);
    assertTrue(said.out().contains("compose.yaml:4:13: " + HOST + "web:1: is not pinned"));
    assertTrue(said.out().contains("compose.yaml:6:13: "), said::toString);
    assertTrue(said.out().contains("another image than web@1"), said::toString);
    assertEquals(List.of(), pins());
    desk.run("pin", "compose.yaml").with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
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
  void aMapSaysWhichGenerationIsMeant() throws IOException {
    write("images.example.com/library/httpd:2.4", HOST + "api:stable", HOST + "api:canary");
    desk.run(
            "pin",
            "compose.yaml",
            "--map",
            "images.example.com/library/httpd=web@1",
            "--map",
            HOST + "api=web@1",
            "--map",
            HOST + "api:canary=web")
        .with(0);
    String one = image("web@1");
    assertEquals(
        compose(
            "images.example.com/library/httpd:2.4@" + one,
            HOST + "api:stable@" + one,
            HOST + "api:canary@" + image("web")),
        text());
    desk.run("pin", "compose.yaml", "--map", "nothing=web")
        .with(2)
        .complains("no file names nothing");
  }

  @Test
  void theImageOfOnePlatformIsRefusedUnlessItIsAllowed() throws IOException {
    String child = child(image("web@2"));
    for (String reference : List.of(HOST + "web@" + child, HOST + "web:2@" + child)) {
      write(reference);
      Desk.Said said = desk.run("pin", "compose.yaml").with(3);
      assertTrue(said.err().contains("only one platform of web@2"), said::toString);
      assertTrue(said.err().contains(image("web@2")), said::toString);
      desk.run("pin", "--check", "compose.yaml").with(3);
    }
    desk.run("pin", "compose.yaml", "--platform-child").with(0);
    assertEquals(compose(HOST + "web:2@" + child), text());
    assertEquals(List.of("[4] " + HOST + "web:2 " + child), pins());
    desk.run("pin", "--check", "--platform-child", "compose.yaml").with(0);
  }

  private String child(String index) {
    JsonNode platforms = desk.run("--json", "show", index).with(0).json().path("platforms");
    return platforms.get(0).path("manifest").asText();
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
  void scriptsGetVariables() throws IOException {
    write(HOST + "web:1");
    String reference = HOST + "web:1@" + image("web@1");
    assertEquals(
        "WEB_IMAGE=" + reference + "\n",
        desk.run("pin", "--print-env", "compose.yaml").with(0).out());
    assertEquals(
        "web_image = \"" + reference + "\"\n",
        desk.run("pin", "--tfvars", "compose.yaml").with(0).out());
    assertEquals(1, pins().size());
    write(HOST + "web:1", HOST + "web:2");
    desk.run("pin", "--print-env", "--dry-run", "compose.yaml").with(2).complains("would be both");
  }

  @Test
  void linksAreFollowedAndModeStays() throws IOException {
    Path real = desk.write("real/spec.yaml", compose(HOST + "web:1"));
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-x--x"));
    Files.createSymbolicLink(desk.path("compose.yaml"), Path.of("real/spec.yaml"));
    desk.run("pin", "compose.yaml").with(0);
    assertTrue(Files.isSymbolicLink(desk.path("compose.yaml")));
    assertEquals(compose(HOST + "web:1@" + image("web@1")), Files.readString(real));
    assertEquals("rw-r-x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(real)));
    try (var files = Files.list(real.getParent())) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void whatIsNoFileIsRefusedByName() throws IOException {
    desk.run("pin", "nothing.yaml").with(5).complains("there is no file nothing.yaml");
    desk.run("pin", "web").with(2).complains("is a directory");
    Files.createSymbolicLink(desk.path("loop.yaml"), Path.of("loop.yaml"));
    desk.run("pin", "loop.yaml").with(2).complains("loop.yaml cannot be read");
    Files.createSymbolicLink(desk.path("null.yaml"), Path.of("/dev/zero"));
    desk.run("pin", "null.yaml").with(2).complains("null.yaml is not a file");
    try (FileChannel large =
        FileChannel.open(
            desk.path("large.yaml"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      large.write(java.nio.ByteBuffer.allocate(1), 17 << 20);
    }
    desk.run("pin", "large.yaml").with(2).complains("larger than a deploy spec");
    desk.run("pin", "compose.yaml/x").with(5);
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTooMuchKeptAndTheNextRunGoesOn() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml").with(0);
    String before = text();
    for (int i = 0; i < 100; i++) { // all names of the half-written file are taken
      desk.write(".compose.yaml.imgstore-" + i, "");
    }
    desk.run("pin", "--update", "compose.yaml").with(1);
    assertEquals(before, text());
    List<String> both =
        List.of(
            "[4] " + HOST + "web:1 " + image("web@1"), "[4] " + HOST + "web:2 " + image("web@2"));
    assertEquals(both, pins());
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
  void otherImagesAreLeftIfSomebodySaysSo() throws IOException {
    write(HOST + "web:1", "images.example.com/library/postgres:15", HOST + "db:${TAG}");
    desk.run("pin", "compose.yaml").with(5);
    Desk.Said said = desk.run("pin", "compose.yaml", "--ignore", "images.example.com/*").with(0);
    assertTrue(said.out().contains("postgres:15 is ignored"), said::toString);
    assertTrue(said.err().contains("holds a variable"), said::toString);
    assertTrue(text().contains("postgres:15   # here"));
  }

  @Test
  void aPathFindsImagesElsewhere() throws IOException {
    desk.write("crd.yaml", "kind: X\nservers: [{oci: " + HOST + "web:1}]\n");
    desk.run("pin", "crd.yaml", "--path", "servers[].oci").with(0);
    assertTrue(Files.readString(desk.path("crd.yaml")).contains(image("web@1")));
    desk.run("pins", "--refresh").with(0);
    assertFalse(pins().get(0).endsWith("missing"));
    desk.run("pin", "crd.yaml", "--path", "nowhere").with(2).complains("leads to nothing");
    desk.run("pin", "crd.yaml", "--path", "a..b").with(2).complains("is no path");
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
  void theDigestOfAnotherProfileIsAMistake() throws IOException {
    desk.recipe("api", "files: [{path: /api, text: x}]\n");
    desk.run("build", "api").with(0);
    write(HOST + "api@" + image("web@1"));
    Desk.Said said = desk.run("pin", "--check", "compose.yaml").with(3);
    assertTrue(said.out().contains("this digest is web@1, not an image of api"), said::toString);
    desk.run("pin", "compose.yaml").with(3);
    desk.run("pin", "--check", "compose.yaml", "--map", HOST + "api=web@1").with(0);
  }

  @Test
  void aStrictCheckCountsWhatIsLeft() throws IOException {
    write("'${X}'");
    desk.run("pin", "--check", "compose.yaml").with(0);
    Desk.Said said = desk.run("pin", "--check", "--strict", "compose.yaml").with(3);
    assertTrue(said.out().contains("left as it is"), said::toString);
    desk.run("pin", "--strict", "compose.yaml").with(2);
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
  void aNameOfSeveralLinesIsRefused() throws IOException {
    write(HOST + "web:1");
    desk.run("pin", "compose.yaml", "--as", "a\n::error::b").with(2);
  }

  @Test
  void mistakesAreToldInTheOrderOfLines() throws IOException {
    write(HOST + "wep:1", "Not/A:1");
    String said = desk.run("pin", "compose.yaml").with(2).err();
    assertTrue(said.indexOf("compose.yaml:4:") < said.indexOf("compose.yaml:6:"), said);
  }

  @Test
  void aRevocationIsUndoneWithAReasonToo() {
    desk.run("revoke", "web@1", "--reason", "bad").with(0);
    desk.run("revoke", "web@1", "--undo", "--reason", "was not").with(0);
  }
}
