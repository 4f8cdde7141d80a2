package dev.imgstore.builder.source.debian.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.DebianException.Missing;
import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.debian.resolve.DebianUniverse;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Proxies;
import dev.imgstore.builder.source.signature.TestKey;
import dev.imgstore.model.Digest;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A whole archive of files, signed by a key made here. */
class DebianArchiveTest {
  private static final TestKey KEY = TestKey.ed25519().primary();
  private static final Instant NOW = Instant.parse("2025-01-11T00:00:00Z");
  private static final String PACKAGES =
      """
      Package: hello
      Version: 1
      Architecture: amd64
      Filename: pool/hello_1.deb
      Size: 5
      SHA256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
      """;

  @TempDir Path root;
  private final MemoryBlobStore store = new MemoryBlobStore();
  private final SortedMap<String, byte[]> files = new TreeMap<>();

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] xz(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new XZOutputStream(bytes, new LZMA2Options())) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Puts a file beside the release, which will name it. */
  private void file(String path, byte[] bytes) throws IOException {
    files.put(path, bytes);
    write("dists/stable/" + path, bytes);
  }

  private void write(String path, byte[] bytes) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private String releaseText(String fields) {
    StringBuilder text =
        new StringBuilder("Suite: stable\nCodename: rock\n" + fields + "SHA256:\n");
    files.forEach(
        (path, bytes) ->
            text.append(" %s %d %s\n".formatted(Digest.of(bytes).hex(), bytes.length, path)));
    return text.toString();
  }

  private void sign(String fields) throws IOException {
    write(
        "dists/stable/InRelease", KEY.message(releaseText(fields).split("\n", -1)).getBytes(UTF_8));
  }

  private DebianArchive archive(Proxies proxies) throws DebianException {
    String line = "deb file:" + root + " stable main\n";
    return new DebianArchive(
        AptSources.read(new TreeMap<>(Map.of("a.list", line))), new Fetcher(proxies));
  }

  private DebianUniverse universe() throws IOException {
    DebianArchive archive = archive(new Proxies("", Map.of()));
    List<Release> releases =
        archive.releases(List.of("stable"), List.of("main"), KEY.keyring(), NOW);
    return archive.universe(releases, List.of("main"), "amd64", store);
  }

  @Test
  void readsIndexesOfEveryKind() throws IOException {
    for (String kind : List.of("", ".gz", ".xz")) {
      files.clear();
      file(
          "main/binary-amd64/Packages" + kind,
          switch (kind) {
            case ".gz" -> gzip(PACKAGES);
            case ".xz" -> xz(PACKAGES);
            default -> PACKAGES.getBytes(UTF_8);
          });
      sign("");
      assertEquals(List.of("hello"), universe().packageNames(), kind);
    }
  }

  @Test
  void readsByHashAndFallsBackToTheName() throws IOException {
    byte[] index = gzip(PACKAGES);
    file("main/binary-amd64/Packages.gz", index);
    sign("Acquire-By-Hash: yes\n");
    assertEquals(List.of("hello"), universe().packageNames());
    MemoryBlobStore other = new MemoryBlobStore();
    write("dists/stable/main/binary-amd64/by-hash/SHA256/" + Digest.of(index).hex(), index);
    Files.delete(root.resolve("dists/stable/main/binary-amd64/Packages.gz"));
    DebianArchive archive = archive(new Proxies("", Map.of()));
    List<Release> releases =
        archive.releases(List.of("stable"), List.of("main"), KEY.keyring(), NOW);
    assertEquals(
        List.of("hello"),
        archive.universe(releases, List.of("main"), "amd64", other).packageNames());
  }

  @Test
  void anIndexInTheStoreIsNotFetchedAgain() throws IOException {
    file("main/binary-amd64/Packages.gz", gzip(PACKAGES));
    sign("");
    universe();
    Files.delete(root.resolve("dists/stable/main/binary-amd64/Packages.gz"));
    assertEquals(List.of("hello"), universe().packageNames());
  }

  @Test
  void readsForeignArchitecturesToo() throws IOException {
    file("main/binary-amd64/Packages.gz", gzip(PACKAGES));
    file("main/binary-i386/Packages.gz", gzip(PACKAGES.replace("amd64", "i386")));
    sign("");
    DebianArchive archive = archive(new Proxies("", Map.of()));
    List<Release> releases =
        archive.releases(List.of("stable"), List.of("main"), KEY.keyring(), NOW);
    List<String> architectures = List.of("amd64", "i386");
    assertEquals(2, archive.universe(releases, List.of("main"), architectures, store).size());
  }

  @Test
  void refusesAnIndexThatIsNotTheOneTheReleaseNames() throws IOException {
    file("main/binary-amd64/Packages.gz", gzip(PACKAGES));
    sign("");
    byte[] other = gzip(PACKAGES.replace("hello", "hullo"));
    write("dists/stable/main/binary-amd64/Packages.gz", other);
    assertThrows(IOException.class, this::universe);
  }

  @Test
  void refusesABombInPlaceOfAnIndex() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      byte[] blanks = ("Package: a\nTag: " + " ".repeat(1 << 16) + "\n\n").getBytes(UTF_8);
      for (int i = 0; i < 9000; i++) {
        out.write(blanks, 12, blanks.length - 14);
        out.write('\n');
      }
    }
    file("main/binary-amd64/Packages.gz", bytes.toByteArray());
    sign("");
    assertThrows(IOException.class, this::universe);
  }

  @Test
  void refusesAnotherSuitesRelease() throws IOException {
    file("main/binary-amd64/Packages.gz", gzip(PACKAGES));
    String text = releaseText("").replace("stable", "oldstable").replace("rock", "stone");
    write("dists/stable/InRelease", KEY.message(text.split("\n", -1)).getBytes(UTF_8));
    Untrusted refusal = assertThrows(Untrusted.class, this::universe);
    assertTrue(refusal.toString().contains("oldstable"), refusal::toString);
  }

  @Test
  void refusesAnExpiredReleaseUnlessAptDoesNotMind() throws IOException {
    file("main/binary-amd64/Packages.gz", gzip(PACKAGES));
    sign("Valid-Until: Thu, 02 Jan 2025 00:00:00 UTC\n");
    Untrusted refusal = assertThrows(Untrusted.class, this::universe);
    assertTrue(refusal.toString().contains("2025-01-02"), refusal::toString);
    DebianArchive lax = archive(new Proxies("Acquire::Check-Valid-Until \"no\";", Map.of()));
    assertEquals("stable", lax.release("stable", List.of("main"), KEY.keyring(), NOW).suite());
    sign("Valid-Until: Sun, 2 Feb 2025 00:00:00 UTC\n");
    universe();
    sign("Valid-Until: some day\n");
    assertThrows(Untrusted.class, this::universe);
  }

  @Test
  void readsThePriorityOfSuitesThatAreNotAutomatic() throws IOException {
    DebianArchive archive = archive(new Proxies("", Map.of()));
    sign("");
    assertEquals(500, archive.release("stable", List.of("main"), KEY.keyring(), NOW).priority());
    sign("NotAutomatic: yes\nButAutomaticUpgrades: yes\n");
    assertEquals(100, archive.release("stable", List.of("main"), KEY.keyring(), NOW).priority());
    sign("NotAutomatic: yes\n");
    Release release = archive.release("stable", List.of("main"), KEY.keyring(), NOW);
    assertEquals(1, release.priority());
    assertEquals(List.of("stable", "rock"), release.names());
  }

  @Test
  void refusesAReleaseWithoutItsKey() throws IOException {
    sign("");
    DebianArchive archive = archive(new Proxies("", Map.of()));
    assertThrows(
        Untrusted.class,
        () ->
            archive.release("stable", List.of("main"), TestKey.ed25519().primary().keyring(), NOW));
  }

  @Test
  void saysThatASuiteOrComponentIsNotThere() throws IOException {
    sign("");
    assertThrows(Missing.class, this::universe);
    Files.delete(root.resolve("dists/stable/InRelease"));
    assertThrows(Missing.class, this::universe);
  }
}
