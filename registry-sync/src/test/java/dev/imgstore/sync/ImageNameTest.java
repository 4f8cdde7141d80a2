package dev.imgstore.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What names an image in a registry. */
final class ImageNameTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @Test
  void readsHostRepositoryTagAndDigest() {
    ImageName name = ImageName.parse("r.example:5000/a/b-c.d__e:V1.2_3@" + DIGEST);
    assertEquals("r.example:5000", name.host());
    assertEquals("a/b-c.d__e", name.repository());
    assertEquals("V1.2_3", name.tag());
    assertEquals(Optional.of(Digest.parse(DIGEST)), name.digest());
    assertEquals(DIGEST, name.reference());
  }

  @Test
  void whatIsNotSaidIsLatest() {
    assertEquals("latest", ImageName.parse("localhost/web").reference());
    assertEquals("1", ImageName.parse("localhost/web:1").reference());
    assertEquals("localhost/web", ImageName.parse("localhost/web").toString());
  }

  @Test
  void namesThatAreNoneAreRefusedWithTheReason() {
    for (String wrong :
        List.of(
            "",
            "web",
            "web:1",
            "a/b",
            "a/b:1",
            "localhost/",
            "localhost/web:",
            "localhost/Web",
            "localhost/a//b",
            "localhost/../etc",
            "localhost/a/..",
            "localhost/a b",
            "localhost/a:-",
            "localhost/a:" + "t".repeat(129),
            "localhost/" + "a".repeat(256),
            "localhost/a@sha256:1",
            "localhost/a@md5:" + "a".repeat(32),
            "localhost:999999/a",
            "user:secret@host.example/a",
            "https://host.example/a",
            "host.example/a\n:1",
            "host.example/a?x=y",
            "-x.example/a")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> ImageName.parse(wrong), wrong);
      assertTrue(String.valueOf(refused.getMessage()).length() > 10, wrong);
    }
  }

  @Property
  void whatIsPrintedIsReadAsTheSame(@ForAll("names") ImageName name) {
    assertEquals(name, ImageName.parse(name.toString()));
  }

  @Property
  void aNameHasNothingThatMeansSomethingInAnAddress(@ForAll String text) {
    for (String each : List.of(text, "localhost/" + text, "h.example/a:" + text)) {
      try {
        ImageName read = ImageName.parse(each);
        String path = read.repository() + read.reference().replace("sha256:", "");
        assertTrue(path.matches("[A-Za-z0-9._/-]+"), path);
        assertTrue(!path.contains("/.") && !path.contains("//"), path);
      } catch (IllegalArgumentException e) {
        // refused, as most are
      }
    }
  }

  @Provide
  Arbitrary<ImageName> names() {
    Arbitrary<String> part =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(12);
    Arbitrary<String> host =
        Combinators.combine(part, part, Arbitraries.of("", ":80", ":65535"))
            .as((first, second, port) -> first + "." + second + port);
    Arbitrary<String> repository =
        Combinators.combine(part, Arbitraries.of("/", "-", "__", ".", "---"), part)
            .as((first, joint, second) -> first + joint + second);
    Arbitrary<String> tag =
        Arbitraries.strings()
            .withCharRange('A', 'Z')
            .withCharRange('a', 'z')
            .numeric()
            .withChars('_')
            .ofMaxLength(128);
    Arbitrary<Optional<Digest>> digest =
        Arbitraries.of(Optional.empty(), Optional.of(Digest.parse(DIGEST)));
    return Combinators.combine(host, repository, tag, digest).as(ImageName::new);
  }
}
