package dev.imgstore.builder.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real-world-like specs, and the bytes they have once they are pinned. */
final class SpecFilesTest {
  private static final Path SPECS = Path.of("src/test/resources/specs");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/specs");
  static final String DIGEST = "sha256:" + "42".repeat(32);

  private static final Map<String, List<String>> PATHS =
      Map.of(
          "paths/crd.yaml", List.of("spec.servers[].artifact", "spec.\"dotted.key\".artifact"),
          "paths/settings.json", List.of("worker.oci"),
          "paths/pack.hcl", List.of("source.*.one.artifact"));

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(SPECS)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> SPECS.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private static DeploySpec read(String file, byte[] bytes) {
    List<SpecPath> paths =
        PATHS.getOrDefault(file, List.of()).stream().map(SpecPath::parse).toList();
    return DeploySpec.read("/deploy/" + file, bytes, paths);
  }

  /** Every image becomes the same digest; one without a tag becomes number 42. */
  static byte[] pinned(DeploySpec spec, byte[] bytes) {
    Map<Mention, Reference> wanted = new HashMap<>();
    for (Mention mention : spec.mentions()) {
      String tag = mention.reference().tag();
      boolean moving = tag.isEmpty() || tag.equals("latest");
      wanted.put(mention, mention.after(moving ? "42" : tag, DIGEST));
    }
    return DeploySpec.rewrite(bytes, wanted);
  }

  @Test
  void thereAreManyOfEveryFormat() throws IOException {
    List<String> files = files();
    assertTrue(files.size() >= 40, files::toString);
    for (String format :
        List.of("kubernetes", "kustomize", "helm", "compose", "nomad", "terraform", "workflows")) {
      assertTrue(files.stream().filter(each -> each.startsWith(format)).count() >= 2, format);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void pinnedBytesAreThoseExpected(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(SPECS.resolve(file));
    DeploySpec spec = read(file, bytes);
    assertEquals(List.of(), spec.wrong());
    assertEquals(List.of(), spec.idle());
    byte[] after = pinned(spec, bytes);
    assertFalse(spec.mentions().isEmpty() && spec.left().isEmpty(), file + " names nothing");
    Golden.check(GOLDEN.resolve(file), new String(after, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("files")
  void pinningAgainChangesNothing(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(SPECS.resolve(file));
    byte[] once = pinned(read(file, bytes), bytes);
    DeploySpec again = read(file, once);
    assertEquals(List.of(), again.wrong());
    assertArrayEquals(once, pinned(again, once));
  }

  @ParameterizedTest
  @MethodSource("files")
  void whatIsPinnedIsReadBackAndNothingElseIs(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(SPECS.resolve(file));
    DeploySpec before = read(file, bytes);
    DeploySpec after = read(file, pinned(before, bytes));
    assertEquals(before.mentions().size(), after.mentions().size());
    assertEquals(
        before.left().stream().map(Note::text).toList(),
        after.left().stream().map(Note::text).toList());
    for (int i = 0; i < after.mentions().size(); i++) {
      Mention now = after.mentions().get(i);
      assertEquals(DIGEST, now.reference().digest(), now::toString);
      assertEquals(before.mentions().get(i).reference().name(), now.reference().name());
      assertEquals(before.mentions().get(i).where(), now.where());
    }
  }

  @Test
  void everyMentionIsWhereItIsSaidToBe() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String file : files()) {
      DeploySpec spec = read(file, Files.readAllBytes(SPECS.resolve(file)));
      all.append(file).append(": ").append(spec.format()).append('\n');
      for (Mention each : spec.mentions()) {
        all.append("  " + each.line() + ":" + each.column() + " " + each.where());
        all.append(" = ").append(each.reference()).append('\n');
      }
      for (Note each : spec.left()) {
        all.append("  " + each.line() + ":" + each.column() + " left: " + each.text() + "\n");
      }
    }
    Golden.check(GOLDEN.resolveSibling("spec-mentions.txt"), all.toString());
  }
}
