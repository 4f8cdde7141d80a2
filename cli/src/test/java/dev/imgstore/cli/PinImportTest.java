package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is pinned of a generation that was imported, which leaves the store as a packed image. */
final class PinImportTest extends PinDesk {
  @BeforeEach
  void bring() throws IOException {
    for (String each : List.of("first", "second", "third")) {
      desk.write("d/f", each.repeat(1 + each.length() * 20_000));
      desk.run("import", "d", "--name", "imp").with(0);
    }
  }

  private String pinned() throws IOException {
    String text = text();
    int at = text.indexOf("sha256:");
    assertTrue(at > 0, text);
    return text.substring(at, at + 71);
  }

  @Test
  void aPinnedGenerationStaysOneAndCanBeExported() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String packed = pinned();
    desk.run("delete", "imp@1").with(3).complains("pinned by");
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(5, desk.run("show", "imp@2").code());
    assertTrue(desk.run("show", packed).with(0).out().contains("imp@1"));
    desk.run("export", "oci", packed, "o").with(0);
    assertTrue(Files.exists(desk.path("o/blobs/sha256/" + packed.substring(7))));
    desk.run("checkout", packed.substring(0, 20), "tree").with(0);
    assertTrue(Files.readString(desk.path("tree/f")).startsWith("first"));
    desk.run("pin", "--check", "compose.yaml").with(0);
    assertEquals(List.of("[4] " + HOST + "imp:1 " + packed), pins());
  }

  @Test
  void takingThePinAwayFreesAllOfIt() throws IOException {
    desk.run("gc", "--keep", "9").with(0);
    long before = bytes();
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String packed = pinned();
    String said = desk.run("unpin", "compose.yaml").with(0).out();
    assertEquals(1, said.lines().count(), said);
    assertEquals(List.of(), pins());
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(5, desk.run("show", "imp@1").code());
    assertEquals(5, desk.run("show", packed).code());
    assertTrue(bytes() < before, () -> "more than " + before);
  }

  @Test
  void thePinGoesWithTheFileAndComesBackWithIt() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String packed = pinned();
    List<String> there = List.of("[4] " + HOST + "imp:1 " + packed);
    String said = desk.run("pins", "--refresh").with(0).err();
    assertEquals("", said);
    assertEquals(there, pins());
    write(HOST + "imp:3");
    desk.run("pins", "--refresh").with(0);
    assertEquals(List.of(there.get(0) + " missing"), pins());
    write(HOST + "imp:1@" + packed);
    desk.run("pins", "--refresh").with(0);
    assertEquals(there, pins());
    desk.run("gc", "--keep", "1").with(0);
    desk.run("show", "imp@1").with(0);
    write(HOST + "imp:3");
    desk.run("pins", "--refresh").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofDays(8)));
    desk.run("pins", "--refresh").with(0);
    assertEquals(List.of(), pins());
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(5, desk.run("show", "imp@1").code());
  }

  @Test
  void whatAPersonWroteIntoTheFileIsKeptAsAGenerationToo() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String one = pinned();
    write(HOST + "imp:2");
    desk.run("pin", "--as", "prod", "compose.yaml").with(0);
    String two = pinned();
    desk.run("unpin", "--as", "prod").with(0);
    write(HOST + "imp:1@" + one, HOST + "imp@" + two);
    desk.run("pins", "--refresh").with(0);
    desk.run("gc", "--keep", "1").with(0);
    desk.run("show", "imp@1").with(0);
    desk.run("show", "imp@2").with(0);
  }

  @Test
  void theEndOfAPinIsThatOfBoth() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml", "--expires", "1h").with(0);
    desk.clock(Desk.NOW.plus(Duration.ofHours(2)));
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(List.of(), pins());
    assertEquals(5, desk.run("show", "imp@1").code());
    assertFalse(desk.run("--json", "pins").with(0).out().contains("compose"));
  }

  @Test
  void aRevokedGenerationIsNotPackedForAnybodyNew() throws IOException {
    desk.run("revoke", "imp@1", "--reason", "CVE").with(0);
    write(HOST + "imp:1");
    assertTrue(desk.run("pin", "compose.yaml").with(3).err().contains("revoked by"));
    desk.run("pin", "--check", "compose.yaml").with(3);
    desk.run("push", "imp@1", "127.0.0.1:1/imp:1").with(3).complains("revoked");
  }

  @Test
  void whatIsRevokedByTheDigestItHasElsewhereIsTheGeneration() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String packed = pinned();
    String said = desk.run("revoke", packed, "--reason", "CVE").with(0).out();
    assertTrue(said.contains("imp@1"), said);
    assertEquals(1, said.lines().filter(each -> each.contains("compose.yaml")).count(), said);
    desk.run("switch", "imp", "1").with(3);
    desk.run("ok", "imp@1").with(3);
    desk.run("rollback", "imp", "--to", "1").with(3);
    desk.run("pin", "--check", "compose.yaml").with(3);
    desk.run("push", "imp@1", "127.0.0.1:1/imp:1").with(3).complains("revoked");
    assertTrue(desk.run("pins").with(0).out().contains("REVOKED: CVE"));
    desk.run("revoke", "--undo", packed).with(0);
    desk.run("pin", "--check", "compose.yaml").with(0);
    desk.run("switch", "imp", "1").with(0);
  }

  @Test
  void whatWasPackedIsRevokedBeforeItIsPacked() throws IOException {
    write(HOST + "imp:1");
    desk.run("pin", "compose.yaml").with(0);
    String packed = pinned();
    desk.run("unpin", "compose.yaml").with(0);
    desk.run("gc", "--keep", "9").with(0);
    desk.run("revoke", "imp@1", "--reason", "CVE").with(0);
    desk.write("other.yaml", compose("elsewhere.example/x@" + packed));
    assertTrue(desk.run("pin", "--check", "other.yaml").with(3).out().contains("revoked by"));
  }

  /** Of all files of the store that hold blobs. */
  private long bytes() throws IOException {
    try (var files = Files.walk(desk.store())) {
      return files
          .filter(each -> each.toString().contains("segment"))
          .filter(Files::isRegularFile)
          .mapToLong(PinImportTest::size)
          .sum();
    }
  }

  private static long size(Path file) {
    return file.toFile().length();
  }
}
