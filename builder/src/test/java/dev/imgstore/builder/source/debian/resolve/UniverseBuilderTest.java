package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UniverseBuilderTest {
  private static final String GOOD =
      """
      Package: a
      Version: 1
      Architecture: amd64
      Description: short
       long: text
      Depends: b,
       c (>= 1)
      Filename: pool/a_1.deb
      Size: 10
      SHA256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      """;

  private static final Index INDEX = new Index("stable", List.of("stable"), "main", "amd64", 500);

  private static DebianUniverse read(InputStream in) throws IOException {
    UniverseBuilder builder = new UniverseBuilder("amd64", List.of());
    builder.read(INDEX, in);
    return builder.build();
  }

  private static DebianUniverse read(String text) throws IOException {
    return read(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  @Test
  void readsTheSameHoweverTheBytesArrive() throws IOException {
    String text =
        GOOD
            + "\n"
            + GOOD.replace("Package: a", "Package: b")
            + "\n\n\n"
            + GOOD.replace("Package: a", "Package: c").stripTrailing();
    InputStream slow =
        new ByteArrayInputStream(text.getBytes(UTF_8)) {
          @Override
          public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(length, 7));
          }
        };
    for (DebianUniverse universe : List.of(read(text), read(slow))) {
      assertEquals(List.of("a", "b", "c"), universe.packageNames());
      int version = universe.newest(universe.node("a", ""));
      int first = universe.dependenciesFrom(version);
      assertEquals(2, universe.dependenciesTo(version) - first);
      assertEquals("c (>= 1)", universe.clauseText(first + 1));
      assertEquals("pool/a_1.deb", universe.versions().path(version));
    }
  }

  @Test
  void growsForALongParagraph() throws IOException {
    String text = GOOD + "Tag: " + "x".repeat(1 << 20) + "\n\n" + GOOD.replace(" a\n", " b\n");
    assertEquals(List.of("a", "b"), read(text).packageNames());
  }

  @Test
  void refusesAnEndlessParagraph() {
    assertThrows(Malformed.class, () -> read(GOOD + "Tag: " + "x".repeat(9 << 20)));
  }

  @Test
  void theSameBytesInTwoSuitesAreOneVersionAndOthersAreNot() throws IOException {
    UniverseBuilder builder = new UniverseBuilder("amd64", List.of());
    builder.read(INDEX, new ByteArrayInputStream(GOOD.getBytes(UTF_8)));
    Index other = new Index("updates", List.of("updates"), "main", "amd64", 100);
    builder.read(other, new ByteArrayInputStream(GOOD.getBytes(UTF_8)));
    builder.read(
        other, new ByteArrayInputStream(GOOD.replace("SHA256: 01", "SHA256: 02").getBytes(UTF_8)));
    DebianUniverse universe = builder.build();
    assertEquals(2, universe.size());
    int version = universe.newest(universe.node("a", ""));
    assertTrue(universe.versions().isIn(version, 0) && universe.versions().isIn(version, 1));
    assertEquals(500, universe.versions().pin(version));
  }

  @Test
  void ignoresPackagesOfOtherMachines() throws IOException {
    assertEquals(0, read(GOOD.replace("amd64", "riscv64")).size());
  }

  @ParameterizedTest
  @CsvSource({
    "pool/a_1.deb, ../../etc/passwd, file name",
    "pool/a_1.deb, /etc/passwd, file name",
    "pool/a_1.deb, pool//a, file name",
    "pool/a_1.deb, pool/./a, file name",
    "pool/a_1.deb, pool/a?b, file name",
    "Version: 1, Version: 1_0, version",
    "Version: 1, Versio: 1, version",
    "Size: 10, Size: 1x, size",
    "Size: 10, Size: 99999999999999999999, size",
    "Size: 10, Siz: 10, size",
    "SHA256: 0, SHA256: , SHA256",
    "SHA256: 0, SHA256: g, hexadecimal",
    "c (>= 1), c (>= 1, relationship",
    "c (>= 1), c [amd64], relationship",
    "c (>= 1), c | , relationship",
    "c (>= 1), /c, relationship",
    "Size: 10, nonsense, neither",
    "Size: 10, Version: 2, twice"
  })
  void refusesNamingTheParagraph(String good, String bad, String part) {
    String text = GOOD.replace(" a\n", " b\n") + "\n" + GOOD.replace(good, bad);
    Malformed refusal = assertThrows(Malformed.class, () -> read(text));
    assertTrue(refusal.toString().contains(part), refusal::toString);
    assertTrue(refusal.line() >= 12, refusal::toString);
    assertTrue(refusal.toString().contains("stable main amd64 Packages"), refusal::toString);
  }
}
