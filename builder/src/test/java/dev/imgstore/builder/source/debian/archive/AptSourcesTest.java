package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

  private static List<String> mirrors(AptSources sources, String suite) throws DebianException {
    return sources.mirrors(suite).stream().map(URI::toString).toList();
  }

  @Test
  void readsOneLineEntries() throws DebianException {
    AptSources sources =
        read(
            "a.list",
            """
            # a comment
            deb http://one.test/debian bookworm main contrib # more
            deb-src http://src.test/debian bookworm main
            deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] https://two.test/debian/ bookworm main
            deb file:/srv/debian bookworm-security main
            deb cdrom:[Debian]/ bookworm main
            deb http://flat.test/ ./
            #deb http://off.test/debian bookworm main
            """);
    assertEquals(
        List.of("http://one.test/debian/", "https://two.test/debian/"),
        mirrors(sources, "bookworm"));
    assertEquals(List.of("file:/srv/debian/"), mirrors(sources, "bookworm-security"));
  }

  @Test
  void readsParagraphs() throws DebianException {
    AptSources sources =
        read(
            "a.sources",
            """
            # a comment
            Types: deb deb-src
            # another, inside
            URIs: http://one.test/debian http://two.test/debian/
            Suites: bookworm bookworm-updates
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mDMEXEcE6RYJKwYBBAHaRw8BAQdArjWwk3FAqyiFbFBKT4TzXcVBqPTB3gmzlC/U
             -----END PGP PUBLIC KEY BLOCK-----

            Enabled: no
            Types: deb
            URIs: http://off.test/debian
            Suites: bookworm
            Components: main

            Types: deb-src
            URIs: http://src.test/debian
            Suites: bookworm
            Components: main
            """);
    assertEquals(
        List.of("http://one.test/debian/", "http://two.test/debian/"),
        mirrors(sources, "bookworm-updates"));
  }

  @Test
  void asksOthersOnlyForASuiteThatNoSourceHas() throws DebianException {
    AptSources sources =
        read(
            "a.list",
            """
            deb http://main.test/debian bookworm main
            deb http://third.test/apt nodistro main
            deb http://security.test/debian-security bookworm-security main
            """);
    assertEquals(List.of("http://main.test/debian/"), mirrors(sources, "bookworm"));
    assertEquals(
        List.of("http://main.test/debian/", "http://third.test/apt/"), mirrors(sources, "trixie"));
    assertEquals(
        List.of("http://security.test/debian-security/"), mirrors(sources, "trixie-security"));
  }

  @Test
  void saysWhatToDoWhenThereIsNone() throws DebianException {
    AptSources none = read("a.list", "");
    assertThrows(DebianException.Missing.class, () -> none.mirrors("bookworm"));
  }

  @Test
  void filesWithOtherNamesAreIgnored() throws DebianException {
    AptSources none = read("a.list.disabled", "deb http://one.test/debian bookworm main\n");
    assertThrows(DebianException.Missing.class, () -> none.mirrors("bookworm"));
  }
}
