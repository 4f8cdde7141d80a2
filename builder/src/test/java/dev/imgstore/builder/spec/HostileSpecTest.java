package dev.imgstore.builder.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to hurt: each is read quickly, or refused by name. */
final class HostileSpecTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private static DeploySpec read(String name, byte[] bytes) {
    return assertTimeoutPreemptively(LONG, () -> DeploySpec.read(name, bytes, List.of()));
  }

  private static DeploySpec read(String name, String text) {
    return read(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(DeploySpec spec, String words) {
    assertTrue(!spec.wrong().isEmpty(), "was taken");
    assertTrue(spec.wrong().get(0).text().contains(words), spec.wrong()::toString);
  }

  @Test
  void anAliasBombIsSmall() {
    StringBuilder text = new StringBuilder("a0: &a0 {image: registry.example.org/web:1}\n");
    for (int i = 1; i < 60; i++) {
      text.append("a" + i + ": &a" + i + " [");
      text.append(("*a" + (i - 1) + ", ").repeat(10)).append("]\n");
    }
    assertEquals(1, read("values.yaml", text.toString()).mentions().size());
  }

  @Test
  void aMergeBombIsSmall() {
    StringBuilder text = new StringBuilder("x0: &a0 {image: registry.example.org/web:1}\n");
    for (int i = 1; i < 60; i++) {
      text.append("x" + i + ": &a" + i + " {<<: [");
      text.append(("*a" + (i - 1) + ", ").repeat(50)).append("]}\n");
    }
    text.append("services: {web: {<<: *a59}, b: {build: .}}\n");
    assertEquals(0, read("compose.yaml", text.toString()).mentions().size());
    assertEquals(1, read("values.yaml", text.toString()).mentions().size());
  }

  @Test
  void aPathThroughAnAliasBombEnds() {
    StringBuilder text = new StringBuilder("a0: &a0 [registry.example.org/web:1]\n");
    for (int i = 1; i < 30; i++) {
      text.append("a" + i + ": &a" + i + " [");
      text.append(("*a" + (i - 1) + ", ").repeat(10)).append("]\n");
    }
    SpecPath path = SpecPath.parse("a29" + "[]".repeat(30));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    DeploySpec spec =
        assertTimeoutPreemptively(LONG, () -> DeploySpec.read("a.yaml", bytes, List.of(path)));
    assertEquals(1, spec.mentions().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.yaml", "a.json", "a.tf.json"})
  void whatIsDeepIsRefused(String name) {
    refused(read(name, "[".repeat(500_000)), name.endsWith("yaml") ? "deeper" : "depth");
    refused(read(name, "{\"a\":".repeat(100_000)), name.endsWith("yaml") ? "deeper" : "depth");
  }

  @Test
  void deepHclIsRefused() {
    refused(read("a.tf", "a = " + "[".repeat(500_000)), "deeper");
    refused(read("a.tf", "a {".repeat(200_000)), "deeper");
    refused(read("a.tf", "a = " + "{a = ".repeat(200_000)), "deeper");
    refused(read("a.tf", "a = " + "{ (".repeat(200_000)), "deeper");
    refused(read("a.tf", "a = \"" + "${\"".repeat(200_000)), "deeper");
    refused(read("a.tf", "a = " + "(".repeat(200_000)), "deeper");
    refused(read("a.tf", "a " + "b ".repeat(200_000)), "deeper");
  }

  @Test
  void whatIsLargeIsRefused() {
    refused(read("a.yaml", new byte[DeploySpec.LARGEST + 1]), "16 MiB");
    StringBuilder many = new StringBuilder("services:\n");
    for (int i = 0; i < 10_001; i++) {
      many.append("  s" + i + ": {image: registry.example.org/a:" + i + "}\n");
    }
    DeploySpec spec = read("compose.yaml", many.toString());
    refused(spec, "at most 10000 images");
    assertEquals(10_001, spec.wrong().get(0).line() - 1);
    refused(read("values.yaml", "[" + "a,".repeat(1_000_001) + "]"), "values");
  }

  @Test
  void largeFilesOfOneLineAreReadQuickly() {
    String one = "{\"image\":\"registry.example.org/a:1\"},";
    String json = "[" + one.repeat(9_999) + "\"" + "x".repeat(4 << 20) + "\"]";
    assertEquals(9_999, read("a.tf.json", json).mentions().size());
    refused(read("Dockerfile", "RUN " + "a <<".repeat(1 << 20)), "no line `a` ends");
    assertTrue(read("Dockerfile", "RUN a \\\n".repeat(1 << 20)).wrong().isEmpty());
    refused(read("Dockerfile", "COPY <<A <<B <<C x\n".repeat(1 << 18)), "no line `A` ends");
    refused(read("a.tf", "a = <<E\n" + "b\n".repeat(1 << 20)), "no line E");
    String template = "{{ if }}\n  image: x" + " ".repeat(1 << 20) + "#y: [\n";
    assertEquals(4, read("a.yaml", template.repeat(4)).mentions().size());
  }

  @Test
  void whatIsNoTextIsRefused() {
    refused(read("a.yaml", new byte[] {'a', ':', ' ', (byte) 0xc3, '('}), "UTF-8");
    refused(read("a.tf", new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0}), "UTF-8");
    refused(read("a.yaml", "a: \0b"), "not YAML");
    refused(read("a.json", "{\"a\": 1} {}"), "second");
    refused(read("a.json", ""), "empty");
    refused(read("a.yaml", "a: *b"), "no anchor");
    refused(read("a.yaml", "a: &a [*a]"), "no anchor");
    refused(read("a.tf", "a = \"open\n"), "never closed");
  }

  @Test
  void oneKeyTwiceIsRefusedWhereItDecides() {
    refused(read("values.yaml", "image: a/b:1\nimage: a/b:2\n"), "twice");
    refused(read("a.json", "{\"image\": 1, \"image\": 2}"), "twice");
  }

  @Test
  void aReferenceThatIsNoneIsWrong() {
    refused(read("compose.yaml", "services: {web: {image: Registry/Web:1}}"), "no image reference");
    refused(read("Dockerfile", "FROM web:1@sha256:abc\n"), "no image reference");
    refused(read("Dockerfile", "FROM\n"), "names no image");
  }

  @ParameterizedTest
  @ValueSource(ints = {1020, 1021, 1022, 1023, 1024, 2046, 2047})
  void aCharacterAcrossTheBlocksOfTheLibraryIsRead(int length) {
    String text = "# " + "y".repeat(length) + "🎉\nimage: registry.example.org/web:1\n";
    DeploySpec spec = read("values.yaml", text);
    assertEquals(List.of(), spec.wrong());
    assertEquals(1, spec.mentions().size());
  }

  private static void leftAlone(String text, String words) {
    DeploySpec spec = read("values.yaml", text);
    assertEquals(List.of(), spec.wrong());
    assertEquals(List.of(), spec.mentions());
    assertTrue(spec.left().toString().contains(words), spec.left()::toString);
  }

  @Test
  void fieldsThatAreSharedAreLeftAndTold() {
    leftAlone(
        """
        t: &t 1
        a: {repository: r.example.org/a, tag: *t}
        b: {repository: r.example.org/b, tag: *t}
        """,
        "shares its tag");
    leftAlone("a: {repository: r.example.org/a, tag: &t 1}\nlabel: *t\n", "shares its tag");
    leftAlone(
        "a: &a {repository: r.example.org/a, tag: 1}\nb: {<<: *a, repository: r.example.org/b}\n",
        "shares its tag");
  }

  @Test
  void whatIsNoReferenceUnderAGuessedNameIsLeft() {
    leftAlone("image: Not A Reference\n", "is no image reference");
    leftAlone("image: r.example.org/web\ntag: '1'\n", "in another field");
  }

  @Test
  void anExplicitKeyIsLeft() {
    DeploySpec spec = read("kustomization.yaml", "images:\n- ? name\n  : r.example.org/web\n");
    assertEquals(List.of(), spec.mentions());
    assertTrue(spec.left().toString().contains("`?`"), spec.left()::toString);
  }

  @Test
  void noNoteHasLinesOfItsOwn() {
    DeploySpec spec =
        read("compose.yaml", "services: {\"a\\n::error::b\": {image: \"${X}\\n\"}}\n");
    assertEquals(1, spec.left().size());
    assertEquals(1, spec.left().get(0).text().lines().count());
  }

  @Test
  void linesOfTemplatesAreReadInLinearTime() {
    String line = "{{- if }}\n  image: r.example.org/web:1\n";
    DeploySpec spec = read("web.yaml", line.repeat(9_000) + "x: y\n".repeat(2_000_000));
    assertEquals(9_000, spec.mentions().size());
  }

  @Test
  void manyNamesAndLongTextsAreLookedThroughInLinearTime() {
    StringBuilder names = new StringBuilder();
    StringBuilder tags = new StringBuilder("image: r.example.org/web:1\n");
    StringBuilder hcl = new StringBuilder();
    for (int i = 0; i < 40_000; i++) {
      names.append("k" + i + "image: a/b\n");
      tags.append("k" + i + "imageTag: a\n");
      hcl.append("k" + i + "_image_tag = \"a\"\n");
    }
    refused(read("values.yaml", names.toString()), "at most 10000");
    assertEquals(10_000, read("values.yaml", tags.toString()).left().size());
    assertEquals(10_000, read("a.tf", hcl.toString()).left().size());
    for (String each : List.of("path:", "image", "\"image\"", "image=", "a.image.", "FROM --a ")) {
      String text = each.repeat((1 << 18) / each.length());
      assertTrue(read("a.yaml", "a: '" + text + "'\nb: [\"'\"]\n").wrong().isEmpty());
    }
  }

  @Test
  void whatIsNoTextInATemplateIsLeft() {
    String text = "{{- if }}\nimage:  # here\n  name: x\nimage: &a r.example.org/web:1\n";
    DeploySpec spec = read("web.yaml", text);
    assertEquals(List.of(), spec.wrong());
    assertEquals(List.of(), spec.mentions());
    assertTrue(spec.left().toString().contains("is no image reference"), spec.left()::toString);
  }
}
