package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AptSourcesTest {
  private static AptSources read(String name, String text) throws DebianException {
    return AptSources.read(new TreeMap<>(Map.of(name, text)));
  }

  private static List<String> mirrors(AptSources sources, String suite, String... components)
      throws DebianException {
    return sources.mirrors(suite, List.of(components)).stream().map(URI::toString).toList();
  }

  private static AptSource source(String uri, String suite, String... components) {
    return new AptSource(List.of(URI.create(uri)), List.of(suite), List.of(components));
  }

  @Test
  void linesAreRead() throws DebianException {
    AptSources sources =
        read(
            "sources.list",
            """
            # deb http://comment.example/ x main
            deb http://a.example/debian bookworm main contrib # a comment
              deb\t[ arch=amd64 signed-by=/usr/share/keyrings/x.gpg ]  https://b.example/d/\tx  main
            deb [trusted=yes] file:/srv/mirror bookworm main
            deb-src http://a.example/debian bookworm main
            deb http://flat.example/ ./
            deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main
            deb mirror+file:/etc/apt/mirrors x main
            deb tor+http://onion.example/ x main
            deb http://broken^.example/ x main
            deb file://server/share x main
            deb http:relative x main
            deb
            rpm http://a.example/ x main
            """);
    assertEquals(
        List.of(
            source("http://a.example/debian/", "bookworm", "main", "contrib"),
            source("https://b.example/d/", "x", "main"),
            source("file:/srv/mirror/", "bookworm", "main")),
        sources.entries());
  }

  @Test
  void stanzasAreRead() throws DebianException {
    AptSources sources =
        read(
            "debian.sources",
            """
            # the first
            Types: deb deb-src
            URIs: http://a.example/debian
             http://b.example/debian/
            # in between
            Suites: bookworm bookworm-updates
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mDMEYCQjIxYJKwYBBAHaRw8BAQdAD/P5Nvvn
             -----END PGP PUBLIC KEY BLOCK-----

            Types: deb
            Enabled: no
            URIs: http://off.example/
            Suites: bookworm
            Components: main

            Types: deb-src
            URIs: http://src.example/
            Suites: bookworm
            Components: main

            enabled: yes
            types: deb
            uris: https://c.example/
            suites: x
            components: a b
            """);
    assertEquals(
        List.of(
            new AptSource(
                List.of(
                    URI.create("http://a.example/debian/"), URI.create("http://b.example/debian/")),
                List.of("bookworm", "bookworm-updates"),
                List.of("main")),
            source("https://c.example/", "x", "a", "b")),
        sources.entries());
  }

  @Test
  void filesOfOtherNamesAreIgnored() throws DebianException {
    for (String name : List.of("debian.sources.save", "a.list~", "README", "x.list.disabled")) {
      assertEquals(List.of(), read(name, "deb http://a.example/ x main\n").entries());
    }
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    DebianException.Malformed failure =
        assertThrows(
            DebianException.Malformed.class, () -> read("x.sources", "Types: deb\nnonsense\n"));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("x.sources, line 2: "),
        failure.getMessage());
  }

  @Test
  void mirrorsThatFitBestComeFirst() throws DebianException {
    AptSources sources =
        read(
            "all.list",
            """
            deb http://third.example/ bookworm stable
            deb http://security.example/ bookworm-security main
            deb http://other.example/ trixie main
            deb http://exact.example/ bookworm main
            deb http://exact.example/ bookworm-updates main
            """);
    assertEquals(
        List.of("http://exact.example/", "http://third.example/"),
        mirrors(sources, "bookworm", "main", "contrib"));
    assertEquals(
        List.of("http://third.example/", "http://exact.example/", "http://other.example/"),
        mirrors(sources, "bookworm", "contrib"));
    assertEquals(
        List.of("http://other.example/", "http://exact.example/", "http://third.example/"),
        mirrors(sources, "sid", "main"));
    assertEquals(
        List.of("http://security.example/"), mirrors(sources, "trixie-security", "contrib"));
    assertEquals(List.of("http://security.example/"), mirrors(sources, "buster/updates"));
  }

  @Test
  void noMirrorIsAFailureThatSaysWhatToDo() throws DebianException {
    AptSources sources = read("all.list", "deb http://a.example/ bookworm main\n");
    DebianException.Missing failure =
        assertThrows(
            DebianException.Missing.class, () -> mirrors(sources, "bookworm-security", "main"));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("add one to /etc/apt"), failure.getMessage());
  }
}
