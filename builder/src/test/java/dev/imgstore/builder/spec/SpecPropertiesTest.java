package dev.imgstore.builder.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every file, also for one that nobody would write. */
final class SpecPropertiesTest {
  private static final String AT = "@" + SpecFilesTest.DIGEST;

  /** A container's line, in the ways people write it. */
  private static Arbitrary<String> image() {
    Arbitrary<String> reference =
        Combinators.combine(
                Arbitraries.of("", "registry.example.org/", "localhost:5000/", "[::1]:5000/"),
                Arbitraries.of("web", "shop/web", "a/b/c-d__e.f", "0"),
                Arbitraries.of("1", "v1.2-rc.1", "latest_1", "41", "_"))
            .as((host, path, tag) -> host + path + ":" + tag);
    Arbitrary<String> quote = Arbitraries.of("", "\"", "'");
    Arbitrary<String> space = Arbitraries.of(" ", "   ", " \t");
    Arbitrary<String> comment = Arbitraries.of("", "  # image: no/image:1", " #", "   ");
    return Combinators.combine(reference, quote, space, comment)
        .as(
            (text, mark, gap, end) -> {
              String with = text.startsWith("[") && mark.isEmpty() ? "\"" : mark;
              return "image:" + gap + with + text + with + end;
            });
  }

  @Provide
  Arbitrary<String> pods() {
    Arbitrary<List<String>> images = image().list().ofMinSize(1).ofMaxSize(6);
    return Combinators.combine(
            images,
            Arbitraries.of("\n", "\r\n"),
            Arbitraries.of("", "\uFEFF", "# 🎉 é\n", "---\n", "%YAML 1.2\n---\n"),
            Arbitraries.of("    ", "      ", "  "),
            Arbitraries.of(
                "", "note: ünïcödé 🎉", "list: [a, {b: c}]", "text: |\n      image: x:1"))
        .as(
            (list, end, head, indent, other) -> {
              StringBuilder text = new StringBuilder(head);
              text.append("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n");
              for (String each : list) {
                text.append(indent).append("- ").append(each).append('\n');
                if (!other.isEmpty() && !other.contains("\n")) {
                  text.append(indent).append("  ").append(other).append('\n');
                }
              }
              return text.toString().replace("\n", end);
            });
  }

  @Property(tries = 500)
  void nothingButReferencesChanges(@ForAll("pods") String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    DeploySpec spec = DeploySpec.read("pod.yaml", bytes, List.of());
    assertEquals(List.of(), spec.wrong());
    long images = text.lines().filter(line -> line.contains("- image:")).count();
    assertEquals(images, spec.mentions().size());
    byte[] once = SpecFilesTest.pinned(spec, bytes);
    assertEquals(text, new String(once, StandardCharsets.UTF_8).replace(AT, ""));
    DeploySpec again = DeploySpec.read("pod.yaml", once, List.of());
    assertArrayEquals(once, SpecFilesTest.pinned(again, once));
    for (int i = 0; i < again.mentions().size(); i++) {
      Mention before = spec.mentions().get(i);
      assertEquals(before.line(), again.mentions().get(i).line());
      assertEquals(
          before.after(before.reference().tag(), SpecFilesTest.DIGEST),
          again.mentions().get(i).reference());
    }
  }

  /** Files of the tests with some of their bytes changed, taken away or doubled. */
  @Provide
  Arbitrary<Damaged> damaged() throws IOException {
    Arbitrary<Integer> place = Arbitraries.integers().between(0, 1 << 20);
    Arbitrary<Byte> with = Arbitraries.of(boxed("\n\r\t \"'{}[]:#&*<|>-,.$%\\@=/(!0aé\0"));
    return Combinators.combine(
            Arbitraries.of(SpecFilesTest.files()),
            place.list().ofMinSize(1).ofMaxSize(4),
            with,
            Arbitraries.of(0, 1, 2))
        .as(SpecPropertiesTest::damage);
  }

  private static List<Byte> boxed(String text) {
    return boxed(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Byte> boxed(byte[] all) {
    List<Byte> boxed = new ArrayList<>();
    for (byte each : all) {
      boxed.add(each);
    }
    return boxed;
  }

  record Damaged(String file, List<Byte> bytes) {
    byte[] raw() {
      byte[] raw = new byte[bytes.size()];
      for (int i = 0; i < raw.length; i++) {
        raw[i] = bytes.get(i);
      }
      return raw;
    }
  }

  private static Damaged damage(String file, List<Integer> places, byte with, int how) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(Path.of("src/test/resources/specs", file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Byte> changed = boxed(bytes);
    for (int each : places) {
      int at = each % Math.max(1, changed.size());
      if (how == 0 && !changed.isEmpty()) {
        changed.remove(at);
      } else if (how == 1 && !changed.isEmpty()) {
        changed.set(at, with);
      } else {
        changed.add(at, with);
      }
    }
    return new Damaged(file, changed);
  }

  @Property(tries = 3000)
  void aDamagedFileIsRefusedOrPinnedAndReadBack(@ForAll("damaged") Damaged damaged) {
    byte[] bytes = damaged.raw();
    DeploySpec spec = DeploySpec.read(damaged.file(), bytes, List.of());
    if (!spec.wrong().isEmpty()) {
      return; // refused, and so not written
    }
    byte[] once = SpecFilesTest.pinned(spec, bytes);
    DeploySpec again = DeploySpec.read(damaged.file(), once, List.of());
    assertEquals(List.of(), again.wrong());
    assertEquals(spec.mentions().size(), again.mentions().size());
    for (int i = 0; i < spec.mentions().size(); i++) {
      assertEquals(spec.mentions().get(i).where(), again.mentions().get(i).where());
      assertEquals(SpecFilesTest.DIGEST, again.mentions().get(i).reference().digest());
      assertEquals(
          spec.mentions().get(i).reference().name(), again.mentions().get(i).reference().name());
    }
    assertArrayEquals(once, SpecFilesTest.pinned(again, once));
  }

  @Property(tries = 1000)
  void aReferenceReadsAsItIsWritten(@ForAll("pods") String pod) {
    for (String line : pod.lines().toList()) {
      String word = line.replaceAll(".*image:\\s+[\"']?", "").replaceAll("[\"']?\\s.*|[\"']$", "");
      Reference.parse(word).ifPresent(each -> assertEquals(word, each.toString()));
    }
  }
}
