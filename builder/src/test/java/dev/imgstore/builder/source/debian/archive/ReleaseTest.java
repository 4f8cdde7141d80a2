package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.debian.archive.Release.Expiry;
import dev.imgstore.model.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReleaseTest {
  private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
  private static final String HEX = "0123456789abcdef".repeat(4);

  private static Release read(String suite, String text) throws DebianException {
    return Release.read(suite, text, NOW, Expiry.CHECKED);
  }

  private static String release(String... more) {
    return "Suite: stable\nCodename: bookworm\n" + String.join("\n", more) + "\n";
  }

  @Test
  void namesAndFilesAreRead() throws DebianException {
    Release release =
        read(
            "bookworm",
            release(
                "Acquire-By-Hash: yes",
                "MD5Sum:",
                " d41d8cd98f00b204e9800998ecf8427e 1 main/binary-amd64/Packages",
                "SHA256:",
                " " + HEX + "     1234 main/binary-amd64/Packages.xz"));
    assertEquals(List.of("bookworm", "stable"), release.names());
    assertEquals(500, release.priority());
    assertTrue(release.byHash());
    assertEquals(
        Map.of("main/binary-amd64/Packages.xz", new Release.Entry(new Digest(HEX), 1234)),
        release.files());
    assertFalse(read("stable", release()).byHash());
  }

  @Test
  void suitesThatAreNotAutomaticComeLast() throws DebianException {
    assertEquals(1, read("stable", release("NotAutomatic: yes")).priority());
    assertEquals(
        100, read("stable", release("NotAutomatic: yes", "ButAutomaticUpgrades: yes")).priority());
    assertEquals(500, read("stable", release("ButAutomaticUpgrades: yes")).priority());
  }

  @Test
  void anotherSuiteServedInPlaceIsRefused() throws DebianException {
    for (String asked : List.of("bookworm-security", "trixie", "oldstable", "")) {
      Untrusted refusal = assertThrows(Untrusted.class, () -> read(asked, release()));
      assertTrue(
          String.valueOf(refusal.getMessage()).contains("stable (bookworm)"), refusal.getMessage());
    }
    assertThrows(Untrusted.class, () -> read("bookworm", "Origin: x\n"));
    assertEquals("buster/updates", read("buster/updates", "Codename: buster-security\n").suite());
  }

  @Test
  void anExpiredReleaseIsRefusedUnlessToldOtherwise() throws DebianException {
    for (String gone :
        List.of(
            "Sat, 01 Jun 2024 11:59:59 UTC",
            "Sat, 1 Jun 2024 11:59:59 +0000",
            "Fri, 13 Sep 2019 00:00:00 UTC",
            "soon",
            "Sun, 01 Jun 2025 00:00:00 PST")) {
      String text = release("Valid-Until: " + gone);
      Untrusted refusal = assertThrows(Untrusted.class, () -> read("bookworm", text), gone);
      assertTrue(
          String.valueOf(refusal.getMessage()).contains("Check-Valid-Until"), refusal.getMessage());
      assertEquals("bookworm", Release.read("bookworm", text, NOW, Expiry.IGNORED).suite());
    }
    for (String good :
        List.of(
            "Sat, 01 Jun 2024 12:00:01 UTC",
            "Sun, 1 Sep 2024 00:00:00 GMT",
            "Sun, 01 Jun 2025 00:00:00 Z",
            "Sun, 01 Jun 2025 00:00:00 +0000")) {
      assertEquals("bookworm", read("bookworm", release("Valid-Until: " + good)).suite());
    }
  }

  @Test
  void damagedListsAreRefused() {
    for (String line : List.of("xyz 1 a", HEX + " many a", HEX + " -1 a", HEX + " 1")) {
      String text = release("SHA256:", " " + line);
      DebianException.Malformed refusal =
          assertThrows(DebianException.Malformed.class, () -> read("bookworm", text), line);
      assertTrue(String.valueOf(refusal.getMessage()).contains(line), refusal.getMessage());
    }
    String two = release() + "\nSuite: stable\n";
    assertThrows(DebianException.Malformed.class, () -> read("bookworm", two));
  }
}
