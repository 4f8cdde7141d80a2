package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  /** A recipe with a root of busybox, whose applets are where they are looked for. */
  private void recipe(String steps) throws IOException {
    Path bin = desk.path("web/root/bin");
    Files.createDirectories(bin);
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    for (String each : List.of("date", "hostname", "head", "cat", "nproc", "gzip")) {
      Files.createSymbolicLink(bin.resolve(each), Path.of("busybox"));
    }
    Files.createSymbolicLink(bin.resolve("sh"), Path.of("bash"));
    for (String each : List.of("/bin/bash", "/bin/ls", "/bin/tar")) {
      program(each);
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

  private Map<String, String> kinds(Desk.Said said) {
    Map<String, String> kinds = new TreeMap<>();
    for (JsonNode each : said.json().path("check").path("findings")) {
      kinds.put(
          each.path("action").asText() + " " + each.path("path").asText(),
          each.path("kind").asText());
    }
    return kinds;
  }

  @Test
  void eachDifferenceIsNamedWithItsStepItsFileAndItsKind() throws Exception {
    recipe(
        step("date", "date > $out/f")
            + step("list", "ls -U /src > $out/f")
            + step("random", "head -c 16 /dev/urandom > $out/f")
            + step("shellrandom", "echo $RANDOM $RANDOM $RANDOM > $out/f")
            + step("archive", "tar -C /src -cf $out/f.tar .")
            + step("host", "hostname > $out/f")
            + step("binary", "printf \"\\\\001\\\\000\\\\377%s\\\\000\" \"$PWD\" > $out/f")
            + step("good", "cat /src/* > $out/f"));
    Desk.Said said = desk.run("--json", "build", "web", "--check=strict").with(3);
    Map<String, String> expected = new TreeMap<>();
    expected.put("step archive out/f.tar", "order");
    expected.put("step binary out/f", "path");
    expected.put("step date out/f", "timestamp");
    expected.put("step host out/f", "host name");
    expected.put("step list out/f", "order");
    expected.put("step random out/f", "randomness");
    expected.put("step shellrandom out/f", "randomness");
    assertEquals(expected, kinds(said), said::toString);
    assertEquals(8, said.json().path("check").path("actions").asInt());
    String image = said.json().path("image").asText();
    Desk.Said again = desk.run("build", "web", "--check").with(3);
    assertTrue(again.out().contains("step date: out/f: timestamp: from byte "), again::toString);
    assertTrue(again.out().endsWith("checked 8 actions: 5 differences\n"), again::toString);
    assertEquals(image, again.image(), "what was recorded first stays");
    desk.verify();
  }
}
