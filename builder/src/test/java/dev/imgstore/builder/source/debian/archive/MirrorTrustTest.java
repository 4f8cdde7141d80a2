package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.DebianException.Missing;
import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.debian.resolve.UniverseBuilder;
import dev.imgstore.builder.source.fetch.FaultyMirror;
import dev.imgstore.builder.source.fetch.Fetcher;
import dev.imgstore.builder.source.fetch.Proxies;
import dev.imgstore.builder.source.signature.TestKey;
import dev.imgstore.model.Digest;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Which mirrors are asked, and whose release is believed. */
class MirrorTrustTest {
  private static final Instant NOW = Instant.parse("2024-06-01T00:00:00Z");
  private static final String[] PACKAGES = {
    "Package: a",
    "Version: 1.0",
    "Architecture: amd64",
    "Filename: pool/a.deb",
    "Size: 1",
    "SHA256: " + "0".repeat(64),
    ""
  };

  private static TestKey key;
  private static TestKey stranger;

  private final MemoryBlobStore store = new MemoryBlobStore();
  private FaultyMirror mirror;
  private FaultyMirror third;

  @BeforeAll
  static void makeKeys() {
    key = TestKey.ed25519().primary();
    stranger = TestKey.ed25519().primary();
  }

  @BeforeEach
  void open() throws IOException {
    mirror = new FaultyMirror();
    third = new FaultyMirror();
  }

  @AfterEach
  void close() throws IOException {
    mirror.close();
    third.close();
  }

  private static DebianArchive archive(FaultyMirror... mirrors) {
    List<AptSource> entries = new java.util.ArrayList<>();
    for (FaultyMirror each : mirrors) {
      entries.add(new AptSource(List.of(each.uri()), List.of("test"), List.of("main")));
    }
    return new DebianArchive(new AptSources(entries), FaultyMirror.patientFetcher());
  }

  private static FaultyMirror.Answer text(String text) {
    return FaultyMirror.whole(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Release release(DebianArchive archive) throws IOException {
    return archive.release("test", List.of("main"), key.keyring(), NOW);
  }

  private static byte[] index() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(packed, new LZMA2Options(0))) {
      xz.write(String.join("\n", PACKAGES).getBytes(StandardCharsets.UTF_8));
    }
    return packed.toByteArray();
  }

  private static String signed(TestKey by, byte[] index, String... more) {
    List<String> lines = new java.util.ArrayList<>(List.of("Suite: test"));
    lines.addAll(List.of(more));
    lines.add("SHA256:");
    lines.add(" " + Digest.of(index).hex() + " " + index.length + " main/binary-amd64/Packages.xz");
    return by.message(lines.toArray(String[]::new));
  }

  @Test
  void othersThanDebianMayUseTheSameNames() throws IOException {
    third.then(text(signed(stranger, index())));
    mirror.then(text(signed(key, index())));
    assertEquals("test", release(archive(third, mirror)).suite());
    third.then(text(signed(stranger, index())));
    Untrusted failure = assertThrows(Untrusted.class, () -> release(archive(third, mirror)));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("the release of test is not trusted: "));
  }

  @Test
  void aStaleMirrorIsPassedOver() throws IOException {
    String old = "Valid-Until: Fri, 31 May 2024 00:00:00 UTC";
    third.then(text(signed(key, index(), old)));
    mirror.then(text(signed(key, index())));
    assertEquals("test", release(archive(third, mirror)).suite());
    third.then(text(signed(key, index(), old)));
    Untrusted failure = assertThrows(Untrusted.class, () -> release(archive(third, mirror)));
    assertTrue(String.valueOf(failure.getMessage()).contains("valid until"), failure.getMessage());
  }

  @Test
  void aSuiteNobodyHasIsMissing() {
    Missing failure = assertThrows(Missing.class, () -> release(archive(third, mirror)));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("there is no suite test"),
        failure.getMessage());
  }

  @Test
  void indexesAreFetchedOnceByHashOrByName() throws IOException {
    byte[] index = index();
    mirror.then(
        text(signed(key, index, "Acquire-By-Hash: yes")),
        FaultyMirror.status(404),
        FaultyMirror.whole(index));
    DebianArchive archive = archive(mirror);
    Release release = release(archive);
    for (int i = 0; i < 2; i++) {
      UniverseBuilder universe = new UniverseBuilder("amd64", List.of());
      archive.read(release, "main", "amd64", store, universe);
    }
    String folder = "GET /debian/dists/test/main/binary-amd64/";
    assertEquals(
        List.of(
            "GET /debian/dists/test/InRelease HTTP/1.1",
            folder + "by-hash/SHA256/" + Digest.of(index).hex() + " HTTP/1.1",
            folder + "Packages.xz HTTP/1.1"),
        mirror.requests());
    assertThrows(
        Missing.class,
        () ->
            archive.read(release, "main", "arm64", store, new UniverseBuilder("arm64", List.of())));
  }

  /** The machine's own mirrors and keyring. */
  @Test
  @Tag("network")
  void theReleasesOfThisMachinesMirrorAreSigned() throws IOException {
    Path keyring = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
    Assumptions.assumeTrue(Files.isReadable(keyring), "there is no keyring of Debian here");
    TreeMap<String, String> files = new TreeMap<>();
    try (var all = Files.newDirectoryStream(Path.of("/etc/apt/sources.list.d"))) {
      for (Path each : all) {
        files.put(each.getFileName().toString(), Files.readString(each));
      }
    }
    AptSources sources = AptSources.read(files);
    Assumptions.assumeTrue(!sources.entries().isEmpty(), "apt has no mirrors here");
    String off = "Acquire::Check-Valid-Until \"false\";";
    Fetcher fetcher = new Fetcher(new Proxies(off, System.getenv()));
    DebianArchive archive = new DebianArchive(sources, fetcher);
    for (AptSource entry : sources.entries()) {
      for (String suite : entry.suites()) {
        Release release =
            archive.release(suite, entry.components(), Files.readAllBytes(keyring), Instant.now());
        assertTrue(release.files().containsKey("main/binary-amd64/Packages.xz"), suite);
      }
    }
    AptSource first = sources.entries().get(0);
    URI mirror = first.uris().get(0);
    byte[] file = fetcher.read(mirror, "dists/" + first.suites().get(0) + "/InRelease", 4 << 20);
    file[file.length / 2] ^= 1;
    assertThrows(
        DebianException.Untrusted.class,
        () -> SignedRelease.verify("x", file, Files.readAllBytes(keyring), Instant.now()));
  }
}
