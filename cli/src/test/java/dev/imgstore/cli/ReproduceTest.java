package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Generations built again from their records; steps run in real sandboxes on busybox. */
@Timeout(120)
class ReproduceTest {
  private static final String STEP =
      """
      steps:
        make: {root: ./root, inputs: {src: ./src}, run: "sed s/a/b/ /src/f > $out/f"}
      files:
        - {path: /f, step: make, file: f}
      """;

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void desk() throws IOException {
    desk = new Desk(directory);
  }

  @AfterEach
  void nothingIsDamaged() {
    desk.verify();
  }

  private void steps(String name) throws IOException {
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    assumeTrue(Files.isExecutable(busybox), "needs busybox-static");
    desk.user("root");
    Path bin = desk.path(name + "/root/bin");
    Files.createDirectories(bin);
    Files.copy(busybox, bin.resolve("busybox"));
    assertTrue(bin.resolve("busybox").toFile().setExecutable(true));
    for (String each : List.of("sh", "sed", "cat", "date", "head", "tr", "sleep")) {
      Files.createSymbolicLink(bin.resolve(each), Path.of("busybox"));
    }
  }

  private void remove(String path) throws IOException {
    try (Stream<Path> files = Files.walk(desk.path(path))) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  @Tag("tools")
  void anOldGenerationIsBuiltAgainThoughItsRecipeIsAnotherNow() throws IOException {
    steps("r");
    desk.recipe("r", STEP);
    desk.write("r/src/f", "a\n");
    String image = desk.run("build", "r").with(0).image();
    desk.recipe("r", STEP.replace("s/a/b/", "s/a/c/"));
    desk.write("r/src/f", "aa\n");
    desk.run("build", "r").with(0);
    remove("r");
    String before = desk.run("generations", "r", "--json").with(0).out();
    String log = desk.run("log", "--json").with(0).out();

    JsonNode said = desk.run("--json", "reproduce", "r@1").with(0).json();
    assertTrue(said.path("reproduced").asBoolean(), said::toString);
    assertEquals(image, said.path("image").asText());
    assertEquals(image, said.path("rebuilt").asText());
    assertEquals(1, said.path("steps").asInt(), said::toString);
    assertTrue(said.path("actions").asInt() > 1, said::toString);
    String line = desk.run("reproduce", "r").with(0).out();
    assertTrue(
        line.matches(
            "r@2 sha256:[0-9a-f]{64} is reproduced: \\d+ actions ran again"
                + " \\(1 step\\) in [^\n]+\n"),
        line);
    assertEquals(before, desk.run("generations", "r", "--json").with(0).out());
    assertEquals(log, desk.run("log", "--json").with(0).out());
  }

  @Test
  @Tag("tools")
  void theTimeInAFileIsFoundAlsoWhenNoResultIsRecorded() throws IOException {
    steps("r");
    desk.recipe(
        "r",
        """
        steps:
          stamp: {root: ./root, run: "echo 1 > $out/same; sleep 1; date > $out/f"}
          pass: {root: ./root, inputs: {in: stamp}, run: "cat /in/f /in/f > $out/f"}
        files:
          - {path: /opt, step: stamp}
          - {path: /passed, step: pass, file: f}
        """);
    String image = desk.run("build", "r").with(0).image();
    assertEquals(image, desk.run("build", "r").with(0).image(), "a build believes what it knows");
    byte[] was = desk.run("cat", "r", "/opt/f").with(0).out().getBytes(StandardCharsets.UTF_8);
    for (boolean recorded : List.of(true, false)) {
      if (!recorded) {
        remove("store/actions");
      }
      JsonNode said = desk.run("--json", "reproduce", "r").with(3).json();
      assertFalse(said.path("reproduced").asBoolean());
      assertEquals(image, said.path("image").asText());
      assertEquals(1, said.path("findings").size(), said::toString);
      JsonNode finding = said.path("findings").path(0);
      assertEquals("step stamp", finding.path("action").asText(), said::toString);
      assertEquals("out/f", finding.path("path").asText(), said::toString);
      assertEquals("timestamp", finding.path("kind").asText(), said::toString);
      int offset = finding.path("offset").asInt();
      int end = Math.min(was.length, offset + 8);
      assertEquals(
          HexFormat.ofDelimiter(" ").formatHex(was, offset, end),
          finding.path("was").asText(),
          "the bytes are the generation's");
    }
    String text = desk.run("reproduce", "r").with(3).out();
    assertTrue(text.startsWith("step stamp: out/f: timestamp: from byte "), text);
    assertTrue(text.contains("\nr@1 " + image + " is not reproduced, it gave sha256:"), text);
    assertTrue(text.endsWith(", 1 difference\n"), text);
  }

  @Test
  @Tag("tools")
  void whatATimeMayBeInIsStillAnotherImage() throws IOException {
    steps("r");
    desk.recipe(
        "r",
        """
        steps:
          log: {root: ./root, run: "head -c 9 /dev/urandom > $out/f", tolerates: [f]}
        files: [{path: /f, step: log, file: f}]
        """);
    desk.run("build", "r").with(0);
    String text = desk.run("reproduce", "r").with(3).out();
    assertTrue(text.startsWith("step log: out/f: unknown: from byte "), text);
  }

  @Test
  @Tag("tools")
  void aSecretIsAskedForAsInABuild() throws IOException {
    steps("r");
    desk.recipe(
        "r",
        """
        steps:
          a:
            root: ./root
            secrets: {t: {env: TOKEN}, f: {file: ./secret}}
            run: cat /run/secrets/t /run/secrets/f | tr a-z A-Z > $out/f
        files: [{path: /f, step: a, file: f}]
        """);
    desk.write("r/secret", "from-a-file");
    desk.set("TOKEN", "the-token");
    desk.run("build", "r").with(0);
    desk.run("reproduce", "r", "--directory", "r").with(0);
    assertTrue(desk.run("reproduce", "r").with(1).err().contains("secret f"));
    desk.set("TOKEN", "");
    assertTrue(desk.run("reproduce", "r", "--directory", "r").with(1).err().contains("TOKEN"));
  }

  @Test
  @Tag("tools")
  void theTreeOfAnotherRecipeIsTheOneThatWasKept() throws IOException {
    steps("tool");
    desk.recipe("tool", "files: [{path: /bin, from: root/bin}, {path: /made, text: \"one\\n\"}]");
    desk.recipe(
        "r",
        """
        steps: {a: {root: {recipe: ../tool}, run: "cat /made > $out/f"}}
        files: [{path: /f, step: a, file: f}]
        """);
    desk.run("build", "r").with(0);
    desk.recipe("tool", "files: [{path: /made, text: \"two\\n\"}]");
    Desk.Said said = desk.run("--json", "reproduce", "r").with(0);
    assertEquals(1, said.json().path("notices").size(), said::toString);
    assertTrue(said.err().contains("../tool"), said::toString);
  }

  @Test
  void allPlatformsAreBuiltAgainOrOne() throws IOException {
    desk.recipe("two", "platforms: [linux/amd64, linux/arm64]\nfiles: [{path: /a, text: a}]\n");
    String index = desk.run("build", "two").with(0).image();
    JsonNode said = desk.run("--json", "reproduce", "two").with(0).json();
    assertEquals(2, said.path("platforms").size());
    assertEquals(index, said.path("image").asText());
    Desk.Said one = desk.run("reproduce", "two", "--platform", "linux/arm64").with(0);
    assertTrue(one.out().startsWith("two@1 linux/arm64 sha256:"), one::toString);
    assertFalse(one.out().contains(index), one::toString);
    desk.run("reproduce", "two", "--platform", "linux/s390x").with(2);
  }

  @Test
  void whatWasImportedHasNothingToBeBuiltFrom() throws IOException {
    desk.write("some/file", "text");
    desk.run("import", "some").with(0);
    desk.run("reproduce", "some")
        .with(2)
        .complains("some@1 was imported or pulled: it has no recipe");
    desk.run("reproduce", "nothing").with(5);
  }

  @Test
  void aRecordOfAnotherImageIsNoProof() throws IOException {
    desk.file("web", "one");
    String one = desk.run("build", "web").with(0).image();
    desk.file("web", "two");
    desk.run("build", "web").with(0);
    try (Store store =
        DiskStore.open(desk.store(), Clock.fixed(Desk.NOW, ZoneOffset.UTC), notice -> {})) {
      Profile web = store.profiles().open("web").orElseThrow();
      Digest record = web.currentGeneration().map(Generation::record).orElseThrow();
      Profiles.Because because = new Profiles.Because(Desk.NOW, "evil", "", Duration.ZERO);
      store.profiles().commit("planted", 0, Digest.parse(one), record, because);
    }
    desk.run("reproduce", "planted").with(3).complains("its build record is of another image");
  }

  /** Records of results are gone after a collection; a generation says what it was made of. */
  @Test
  @Tag("tools")
  void whatRunsAgainAndGivesAnotherResultIsToldAndNoError() throws IOException {
    steps("r");
    String recipe =
        """
        steps:
          stamp: {root: ./root, run: "sleep 1; date > $out/f; echo 1 > $out/same"}
          size: {root: ./root, inputs: {in: stamp}, run: "cat /in/f | tr -c x x > $out/f"}
        files:
          - {path: /opt, step: stamp}
          - {path: /size, step: size, file: f}
        """;
    desk.recipe("r", recipe);
    desk.run("build", "r").with(0);
    desk.recipe("r", recipe + "  - {path: /more, text: more}\n");
    JsonNode said = desk.run("--json", "build", "r").with(0).json();
    assertEquals(0, said.path("differs").size(), "both steps were reused: " + said);

    desk.recipe("r", recipe + "  - {path: /more, text: much more}\n");
    remove("store/actions");
    Desk.Said again = desk.run("--json", "build", "r").with(0);
    assertEquals(1, again.json().path("differs").size(), again::toString);
    JsonNode finding = again.json().path("differs").path(0);
    assertEquals("step stamp", finding.path("action").asText(), again::toString);
    assertEquals("out/f", finding.path("path").asText(), again::toString);
    assertEquals("timestamp", finding.path("kind").asText(), again::toString);
    assertTrue(again.err().contains("run again: step stamp: out/f: timestamp: "), again::toString);
    assertEquals(3, again.json().path("generation").asInt());
  }

  @Test
  @Tag("tools")
  void whatWasCollectedIsStillKnownToHaveBeenAnother() throws IOException {
    steps("r");
    String recipe =
        """
        steps:
          stamp: {root: ./root, run: "sleep 1; date > $out/f; echo 1 > $out/same"}
        files: [{path: /f, step: stamp, file: f}]
        """;
    desk.recipe("r", recipe);
    desk.run("build", "r").with(0);
    desk.run("gc").with(0);
    desk.recipe("r", recipe + "image: {workdir: /opt}\n");
    Desk.Said again = desk.run("--json", "build", "r").with(0);
    JsonNode finding = again.json().path("differs").path(0);
    assertEquals("step stamp", finding.path("action").asText(), again::toString);
    assertTrue(finding.path("path").asText().startsWith("out"), again::toString);
  }

  @Test
  @Tag("tools")
  void anEarlierResultThatIsDamagedDoesNotStopABuild() throws IOException {
    steps("r");
    String recipe =
        """
        steps:
          stamp: {root: ./root, run: "cat /proc/sys/kernel/random/uuid > $out/f"}
        files: [{path: /f, step: stamp, file: f}]
        """;
    desk.recipe("r", recipe);
    desk.run("build", "r").with(0);
    byte[] was = desk.run("cat", "r", "/f").with(0).out().getBytes(StandardCharsets.UTF_8);
    Bits.Body body = Bits.body(desk.store(), was);
    Bits.flip(body.segment(), body.at() + 5, 1);
    remove("store/actions");
    Desk.Said again = desk.run("--json", "build", "r").with(0);
    assertEquals(2, again.json().path("generation").asInt(), again::toString);
    assertEquals(1, again.json().path("differs").size(), again::toString);
    Bits.flip(body.segment(), body.at() + 5, 1);
  }
}
