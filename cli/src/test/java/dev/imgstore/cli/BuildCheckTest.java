package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a rebuild finds, with real sandboxes and the machine's own busybox and bash. */
@Tag("tools")
@Timeout(300)
final class BuildCheckTest {
  private static final Pattern LIBRARY = Pattern.compile("(/[^ ]+) \\(0x");

  @TempDir static Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    desk = new Desk(Files.createTempDirectory(directory, "desk"));
    desk.user("root");
  }

  /**
   * A recipe with a root of busybox, whose applets are where they are looked for, bash and others.
   */
  private void recipe(List<String> programs, String steps) throws IOException {
    Path bin = desk.path("web/root/bin");
    Files.createDirectories(bin);
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    Files.createSymbolicLink(bin.resolve("sh"), Path.of("bash"));
    program("/bin/bash");
    for (String each : programs) {
      program(each);
    }
    for (String each : List.of("date", "hostname", "head", "cat", "nproc", "gzip")) {
      if (!Files.exists(bin.resolve(each))) {
        Files.createSymbolicLink(bin.resolve(each), Path.of("busybox"));
      }
    }
    for (int i = 0; i < 40; i++) {
      desk.write("web/src/file-" + i, "content " + i + "\n");
    }
    desk.recipe("web", "steps:\n" + steps.indent(2));
  }

  /** A program of this machine, with what it is linked with. */
  private void program(String path) throws IOException {
    copy(path);
    Process ldd = new ProcessBuilder("ldd", path).start();
    String said = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher library = LIBRARY.matcher(said);
    while (library.find()) {
      copy(library.group(1));
    }
  }

  private void copy(String path) throws IOException {
    Path to = desk.path("web/root" + path);
    Files.createDirectories(to.getParent());
    if (!Files.exists(to)) {
      Files.copy(Path.of(path), to);
    }
  }

  private static String step(String name, String run) {
    return name + ": {root: {from: ./root}, inputs: {src: ./src}, run: '" + run + "'}\n";
  }

  /** The first three words of each finding. */
  private static List<String> findings(Desk.Said said) {
    List<String> findings = new ArrayList<>();
    for (JsonNode each : said.json().path("check").path("findings")) {
      findings.add(
          each.path("action").asText()
              + ": "
              + each.path("path").asText()
              + ": "
              + each.path("kind").asText());
    }
    return findings.stream().sorted().toList();
  }

  @Test
  void eachDifferenceIsOneLineWithItsStepItsFileAndItsKind() throws Exception {
    recipe(
        List.of("/bin/ls", "/bin/tar"),
        step("date", "date > $out/f")
            + step("list", "ls -U /src > $out/f")
            + step("random", "head -c 16 /dev/urandom > $out/f")
            + step("shellrandom", "echo $RANDOM $RANDOM $RANDOM > $out/f")
            + step("archive", "tar -C /src -cf $out/f.tar .")
            + step("host", "hostname > $out/f")
            + step("binary", "printf \"\\\\001\\\\000\\\\377%s\\\\000\" \"$PWD\" > $out/f")
            + step("good", "cat /src/* > $out/f"));
    Desk.Said said = desk.run("build", "web", "--check=strict").with(3);
    List<String> expected =
        List.of(
            "step archive: out/f.tar: order",
            "step binary: out/f: path",
            "step date: out/f: timestamp",
            "step host: out/f: host name",
            "step list: out/f: order",
            "step random: out/f: randomness",
            "step shellrandom: out/f: randomness");
    assertEquals(
        expected,
        said.out()
            .lines()
            .filter(line -> line.startsWith("step "))
            .map(line -> line.replaceFirst(": from byte .*", ""))
            .sorted()
            .toList(),
        said::toString);
    assertTrue(said.out().endsWith("\nchecked 8 actions: 7 differences\n"), said::toString);
    Desk.Said again = desk.run("--json", "build", "web", "--check").with(3);
    assertEquals(
        expected.stream().filter(each -> !each.matches(".*(path|host name)")).toList(),
        findings(again));
    assertEquals(8, again.json().path("check").path("actions").asInt());
    assertEquals(said.image(), again.image(), "what was recorded first stays");
    desk.verify();
  }

  @Test
  void aClockFarAheadIsNoticed() throws Exception {
    assumeTrue(faketime().isPresent(), "needs libfaketime");
    int year = Clock.systemUTC().instant().atZone(ZoneOffset.UTC).getYear();
    recipe(
        List.of("/bin/date", "/bin/ls", faketime().get().toString()),
        step("year", "/bin/date +%Y > $out/f")
            + step("expires", "[ $(/bin/date +%Y) = " + year + " ]")
            + step("times", "TZ=UTC ls -l --full-time /src > $out/f")
            + step("static", "/bin/busybox date +%Y > $out/f"));
    Desk.Said said = desk.run("--json", "build", "web", "--check=strict").with(3);
    assertEquals(
        List.of("step expires: : failure", "step year: out/f: timestamp"),
        findings(said),
        said::toString);
    assertTrue(said.out().contains("it fails when the clock is another"), said::toString);
    desk.run("build", "web", "--check").with(0);
  }

  @Test
  void whereTheLibraryOfTheClockCannotBeLoadedThatIsSaidAndNoFinding() throws Exception {
    assumeTrue(faketime().isPresent(), "needs libfaketime");
    recipe(List.of(), step("year", "/bin/busybox date +%Y > $out/f"));
    assertFalse(Files.exists(desk.path("web/root/lib/x86_64-linux-gnu/libm.so.6")));
    Desk.Said said = desk.run("build", "web", "--check=strict").with(0);
    assertTrue(said.err().contains("step year: the clock was not varied"), said::toString);
  }

  @Test
  void theNumberOfTheUserIsNoticedAndThatAStepNeedsRootIsNoFinding() throws Exception {
    recipe(
        List.of("/usr/sbin/chroot", "/bin/chown", "/bin/cp", "/usr/bin/id"),
        step("who", "id -u > $out/f")
            + step("owned", "chown 7:7 $out; echo 1 > $out/f; chown 33:33 $out/f")
            + step("copied", "cp -a /src $out/; umask > $out/f")
            + step("guarded", "if [ $(id -u) = 0 ]; then chown 7:7 $out; fi; echo 1 > $out/f"));
    Desk.Said said = desk.run("--json", "build", "web", "--check=strict").with(3);
    assertEquals(
        List.of("step copied: out/f: umask", "step who: out/f: uid"),
        findings(said).stream().filter(each -> !each.endsWith("failure")).toList(),
        said::toString);
    assertEquals(2, said.json().path("check").path("findings").size(), said::toString);
    assertTrue(said.err().contains("step owned: the user was not varied"), said::toString);
    assertFalse(said.err().contains("step guarded: the user"), said::toString);
  }

  private static Optional<Path> faketime() throws IOException {
    return Optional.of(CheckOption.clockLibrary()).filter(each -> !each.isEmpty()).map(Path::of);
  }
}
