package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store by hand: import, checkout, cat and copy. */
final class ByHandTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.write("tree/etc/motd", "hello\n");
    desk.write("tree/bin/tool", "#!/bin/sh\n");
    Files.setAttribute(desk.path("tree/bin/tool"), "unix:mode", 0755);
    Files.createSymbolicLink(desk.path("tree/sbin"), Path.of("bin"));
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  /** Every path with its mode and content. */
  private static Map<String, String> listing(Path root) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path each : paths.filter(path -> !path.equals(root)).toList()) {
        String what =
            Files.isSymbolicLink(each)
                ? Files.readSymbolicLink(each).toString()
                : Files.isDirectory(each)
                    ? Files.getPosixFilePermissions(each).toString()
                    : Files.getPosixFilePermissions(each)
                        + " "
                        + Digest.of(Files.readAllBytes(each));
        all.put(root.relativize(each).toString(), what);
      }
    }
    return all;
  }

  @Test
  void anImportedDirectoryIsAGenerationThatCanBeCheckedOut() throws IOException {
    assertTrue(desk.run("import", "tree").with(0).out().startsWith("tree@1 sha256:"));
    desk.run("checkout", "tree", "out").with(0);
    assertEquals(listing(desk.path("tree")), listing(desk.path("out")));
  }

  @Test
  void theSameDirectoryAgainMakesNoGeneration() throws IOException {
    String first = desk.run("import", "tree").with(0).image();
    JsonNode again = desk.run("--json", "import", "tree").with(0).json();
    assertFalse(again.path("fresh").asBoolean());
    assertEquals(first, again.path("image").asText());
    desk.write("tree/new", "x");
    assertTrue(desk.run("import", "tree").with(0).out().startsWith("tree@2 "));
    desk.run("rollback", "tree").with(0);
    desk.run("cat", "tree", "/new").with(5).complains("tree@1 has no /new");
    desk.run("cat", "tree@2", "/new").with(0);
  }

  @Test
  void diffShowsWhatChangedInTheDirectory() throws IOException {
    desk.run("import", "tree", "--name", "server").with(0);
    desk.write("tree/etc/motd", "goodbye\n");
    Files.delete(desk.path("tree/sbin"));
    desk.run("import", "tree", "--name", "server").with(0);
    String diff = desk.run("diff", "server~1", "server").with(0).out();
    assertTrue(diff.contains("~ /etc/motd (content)  +2 bytes"), diff);
    assertTrue(diff.contains("- /sbin"), diff);
  }

  @Test
  void anImportedDirectoryIsExportedAsAnImageOfOneLayer() throws IOException {
    String artifact = desk.run("import", "tree").with(0).image();
    Desk.Said exported = desk.run("--json", "export", "oci", "tree", "layout").with(0);
    String digest = exported.json().path("digest").asText();
    assertFalse(digest.equals(artifact));
    Path blobs = desk.path("layout/blobs/sha256");
    String manifest = Files.readString(blobs.resolve(digest.substring("sha256:".length())));
    assertTrue(manifest.contains("image.layer.v1.tar+zstd"), manifest);
    desk.run("export", "oci", "tree", "again").with(0);
    assertEquals(listing(desk.path("layout")), listing(desk.path("again")));
    desk.file("other", "x");
    desk.run("build", "other").with(0);
  }

  @Test
  void catFollowsLinksInsideTheImageOnly() throws IOException {
    Files.createSymbolicLink(desk.path("tree/absolute"), Path.of("/etc/motd"));
    Files.createSymbolicLink(desk.path("tree/up"), Path.of("../../../../etc/motd"));
    Files.createSymbolicLink(desk.path("tree/loop"), Path.of("loop"));
    Files.createSymbolicLink(desk.path("tree/nowhere"), Path.of("gone"));
    desk.run("import", "tree").with(0);
    for (String path : new String[] {"/etc/motd", "etc/motd", "absolute", "/up"}) {
      assertEquals("hello\n", desk.run("cat", "tree", path).with(0).out(), path);
    }
    assertEquals("#!/bin/sh\n", desk.run("cat", "tree", "/sbin/tool").with(0).out());
    assertEquals("tool\n", desk.run("cat", "tree", "/sbin").with(0).out());
    assertTrue(desk.run("cat", "tree", "/").with(0).out().contains("bin/\netc/\n"));
    desk.run("cat", "tree", "loop").with(5).complains("too many links");
    desk.run("cat", "tree", "nowhere").with(5).complains("has no nowhere");
    desk.run("cat", "tree", "/etc/../etc").with(2).complains("no path in an image");
    desk.run("cat", "nope", "/etc").with(5).complains("no profile nope");
  }

  @Test
  void catPrintsBytesAsTheyAre() throws IOException {
    byte[] bytes = new byte[300_000];
    new java.util.Random(7).nextBytes(bytes);
    Files.write(desk.path("tree/bytes"), bytes);
    JsonNode said = desk.run("--json", "import", "tree").with(0).json();
    assertEquals(bytes.length + 16, said.path("bytes").asLong());
    JsonNode file = desk.run("--json", "cat", "tree", "bytes").with(0).json();
    assertEquals(bytes.length, file.path("size").asLong());
    desk.run("checkout", "tree", "out").with(0);
    assertTrue(java.util.Arrays.equals(bytes, Files.readAllBytes(desk.path("out/bytes"))));
  }

  @Test
  void aCheckoutGoesNowhereElse() throws IOException {
    desk.run("import", "tree").with(0);
    desk.write("full/mine", "x");
    desk.run("checkout", "tree", "full").with(1).complains("it is not empty");
    desk.run("checkout", "tree", "no/such/place").with(1);
    desk.run("checkout", "tree", "tree/etc/motd").with(1).complains("it is no directory");
    assertEquals("hello\n", Files.readString(desk.path("tree/etc/motd")));
    Files.createSymbolicLink(desk.path("link"), desk.path("full"));
    desk.run("checkout", "tree", "link").with(1);
    assertEquals(1, listing(desk.path("full")).size());
  }

  @Test
  void mistakesAreExplained() throws IOException {
    desk.run("import", "nowhere").with(5).complains("there is no directory nowhere");
    desk.run("import", "tree/etc/motd").with(5).complains("tree/etc/motd is no directory");
    desk.run("import", "tree", "--name", "a b").with(2).complains("a b is no name");
    desk.run("import", ".", "--name", "all").with(1);
    desk.run("import", "tree", "--platform", "x").with(2);
    desk.run("import", "tree").with(0);
    desk.run("checkout", "tree", "out", "--platform", "linux/arm64")
        .with(2)
        .complains("tree@1 is for linux/amd64");
    desk.run("copy", "tree", "--to", desk.store().toString())
        .with(2)
        .complains("is the store itself");
    desk.run("copy", "tree", "--to", "full/of/it").with(0);
  }

  @Test
  void whatIsCopiedIsWholeElsewhere() throws IOException {
    byte[] bytes = new byte[500_000];
    new java.util.Random(7).nextBytes(bytes);
    Files.write(desk.path("tree/bytes"), bytes);
    desk.run("import", "tree").with(0);
    desk.file("web", "one");
    desk.run("build", "web").with(0);
    desk.file("web", "two");
    desk.run("build", "web").with(0);
    Desk.Said first = desk.run("--json", "copy", "web@1", "web", "tree", "--to", "other").with(0);
    assertEquals(3, first.json().path("generations").size());
    assertTrue(first.json().path("bytes").asLong() > bytes.length);
    Path other = desk.path("other");
    desk.run("--store", other.toString(), "verify").with(0);
    desk.run("--store", other.toString(), "checkout", "tree", "out").with(0);
    assertEquals(listing(desk.path("tree")).keySet(), listing(desk.path("out")).keySet());
    for (String ref : new String[] {"web@1", "web@2"}) {
      desk.run("export", "oci", ref, "here-" + ref).with(0);
      desk.run("--store", other.toString(), "export", "oci", ref, "there-" + ref).with(0);
      assertEquals(listing(desk.path("here-" + ref)), listing(desk.path("there-" + ref)));
    }
    JsonNode again = desk.run("--json", "copy", "web@1", "--to", "other").with(0).json();
    assertEquals(0, again.path("bytes").asLong());
    assertFalse(again.path("generations").get(0).path("fresh").asBoolean());
    String current = desk.run("--store", other.toString(), "show", "web").with(0).out();
    assertTrue(current.startsWith("web@2 "), current);
  }

  /** A small version of what was tried by hand with ten gigabytes and a heap of 256 MiB. */
  @Test
  void aLargeFileWithHolesGoesInAndOut() throws IOException {
    Path large = desk.path("tree/large");
    byte[] island = new byte[1 << 20];
    new java.util.Random(7).nextBytes(island);
    try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(48L << 20);
      for (long at = 0; at < 48; at += 16) {
        file.seek((at << 20) + 12_345);
        file.write(island);
      }
    }
    desk.run("import", "tree").with(0);
    long stored;
    try (Stream<Path> files = Files.walk(desk.store().resolve("segments"))) {
      stored = files.mapToLong(path -> path.toFile().length()).sum();
    }
    assertTrue(stored < 8 << 20, "equal parts were stored " + stored + " bytes long");
    desk.run("export", "oci", "tree", "layout").with(0);
    desk.run("checkout", "tree", "out").with(0);
    assertEquals(-1, Files.mismatch(large, desk.path("out/large")));
  }

  @Test
  void whatWasCollectedIsReadAgain() throws IOException {
    desk.run("import", "tree").with(0);
    desk.write("tree/etc/motd", "another\n");
    desk.run("import", "tree").with(0);
    desk.run("delete", "tree@1").with(0);
    desk.run("gc").with(0);
    desk.verify();
    desk.write("tree/etc/motd", "hello\n");
    assertTrue(desk.run("import", "tree").with(0).out().startsWith("tree@3 "));
    assertEquals("hello\n", desk.run("cat", "tree", "/etc/motd").with(0).out());
  }

  @Test
  void damageIsNotCopied() throws IOException {
    Files.write(desk.path("tree/f"), new byte[200_000]);
    desk.run("import", "tree").with(0);
    Path segment;
    try (Stream<Path> segments = Files.list(desk.store().resolve("segments"))) {
      segment =
          segments
              .filter(each -> each.getFileName().toString().startsWith("content"))
              .findFirst()
              .orElseThrow();
    }
    byte[] good = Files.readAllBytes(segment);
    byte[] bad = good.clone();
    bad[30] ^= 1;
    Files.delete(segment);
    Files.write(segment, bad);
    desk.run("copy", "tree", "--to", "other").with(3);
    desk.run("--store", desk.path("other").toString(), "ls").with(0);
    desk.run("--store", desk.path("other").toString(), "verify").with(0);
    Files.write(segment, good);
    desk.run("copy", "tree", "--to", "other").with(0);
    desk.run("--store", desk.path("other").toString(), "verify").with(0);
  }

  @Test
  void thePathThatCatNamesIsOneThatItTakes() throws IOException {
    desk.run("import", "tree").with(0);
    JsonNode json = desk.run("cat", "tree", "sbin/tool", "--json").with(0).json();
    assertEquals("/bin/tool", json.get("path").asText());
    assertEquals("/", desk.run("cat", "tree", "/", "--json").with(0).json().get("path").asText());
  }

  /** As on a full disk, or in somebody else's store. */
  @Test
  void catNeedsNoRoomInTheStore() throws IOException {
    desk.run("import", "tree").with(0);
    Path scratch = desk.store().resolve("tmp");
    Bits.remove(scratch);
    Files.writeString(scratch, "");
    assertEquals("hello\n", desk.run("cat", "tree", "/etc/motd").with(0).out());
    Files.delete(scratch);
  }

  /** An import has no recipe and no lock: both are the blob without bytes. */
  @Test
  void aDamagedImportIsMendedFromACopyAndOnlyFromThat() throws IOException {
    desk.run("import", "tree").with(0);
    Bits.copy(desk.store(), desk.path("copy"));
    for (Path each : Bits.files(desk.store().resolve("segments"))) {
      Bits.zero(each, 9, 40);
    }
    String said = desk.run("verify", "--repair", "--offline").with(3).out();
    assertTrue(said.contains("tree@1 cannot be built again: it was imported or pulled"), said);
    desk.run("verify", "--repair", "--from", "copy").with(0);
  }
}
