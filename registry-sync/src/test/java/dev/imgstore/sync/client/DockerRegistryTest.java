package dev.imgstore.sync.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import dev.imgstore.testkit.DockerRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against Debian's docker-registry. */
final class DockerRegistryTest {
  private static final byte[] CONFIG = "{\"os\": \"linux\"}".getBytes(UTF_8);
  private static final byte[] LAYER = random(3_000_000);

  @TempDir Path directory;

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  static Descriptor described(byte[] bytes) {
    return new Descriptor("application/octet-stream", Digest.of(bytes), bytes.length);
  }

  private static Registry open(DockerRegistry server, String repository, RegistrySettings how) {
    return RegistryClients.writing(ImageName.parse(server.host() + "/" + repository), how);
  }

  private static void upload(Registry registry, byte[] bytes) throws IOException {
    registry.upload(described(bytes), () -> new ByteArrayInputStream(bytes));
  }

  private static byte[] read(Registry registry, byte[] blob) throws IOException {
    try (InputStream in = registry.open(described(blob))) {
      return in.readAllBytes();
    }
  }

  private static String descriptor(String type, byte[] bytes, String more) {
    return "{\"mediaType\": \"%s\", \"digest\": \"%s\", \"size\": %d%s}"
        .formatted(type, Digest.of(bytes), bytes.length, more);
  }

  /** Written as nobody would write it again. */
  static Manifest image(String more) {
    String json =
        "{ \"schemaVersion\" : 2,\n\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
            + " \"config\": "
            + descriptor("application/vnd.oci.image.config.v1+json", CONFIG, "")
            + ", \"layers\": ["
            + descriptor("application/vnd.oci.image.layer.v1.tar+zstd", LAYER, "")
            + "]"
            + more
            + "  }";
    return new Manifest("application/vnd.oci.image.manifest.v1+json", json.getBytes(UTF_8));
  }

  private void pushAndPull(DockerRegistry server, RegistrySettings how) throws IOException {
    try (Registry registry = open(server, "a/b", how)) {
      assertEquals(Optional.empty(), registry.head("1"));
      assertEquals(Optional.empty(), registry.manifest("1"));
      assertFalse(registry.has(Digest.of(LAYER)));
      upload(registry, LAYER);
      upload(registry, CONFIG);
      assertTrue(registry.has(Digest.of(LAYER)));
      assertArrayEquals(LAYER, read(registry, LAYER));
      Manifest manifest = image(", \"annotations\": {\"a\": \"b\"}");
      registry.put(manifest, "1");
      assertEquals(Optional.of(manifest.descriptor()), registry.head("1"));
      assertEquals(Optional.of(manifest.descriptor()), registry.head(manifest.digest().toString()));
      assertArrayEquals(manifest.bytes(), registry.manifest("1").orElseThrow().bytes());
      assertEquals(manifest.mediaType(), registry.manifest("1").orElseThrow().mediaType());
      assertEquals(List.of("1"), registry.tags());
    }
  }

  @Test
  void pushesAndPullsWithoutTls() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      pushAndPull(server, Settings.plain());
    }
  }

  @Test
  void pushesAndPullsWithTls() throws IOException {
    try (DockerRegistry server = DockerRegistry.withTls(directory)) {
      pushAndPull(server, Settings.trusting(directory));
    }
  }

  @Test
  void aCertificateOfAnUnknownAuthorityIsRefused() throws IOException {
    try (DockerRegistry server = DockerRegistry.withTls(directory);
        Registry registry = open(server, "a", Settings.plain())) {
      RegistryException failure =
          assertThrows(RegistryException.class, () -> registry.manifest("1"));
      assertEquals(Kind.UNAVAILABLE, failure.kind());
      assertTrue(
          String.valueOf(failure.getMessage()).contains("SSL_CERT_FILE"), failure::getMessage);
    }
  }

  @Test
  void pushesAndPullsWithAPassword() throws IOException {
    try (DockerRegistry server = DockerRegistry.withLogin(directory)) {
      pushAndPull(server, Settings.withLogin(directory, server.host(), DockerRegistry.PASSWORD));
    }
  }

  @Test
  void aWrongPasswordIsRefusedAndNotShown() throws IOException {
    try (DockerRegistry server = DockerRegistry.withLogin(directory);
        Registry registry =
            open(server, "a", Settings.withLogin(directory, server.host(), "not sesame"))) {
      RegistryException failure =
          assertThrows(RegistryException.class, () -> registry.manifest("1"));
      assertEquals(Kind.DENIED, failure.kind());
      assertTrue(String.valueOf(failure.getMessage()).contains("docker login " + server.host()));
      assertFalse(String.valueOf(failure.getMessage()).contains("not sesame"));
    }
  }

  @Test
  void withoutAPasswordItSaysHowToLogIn() throws IOException {
    try (DockerRegistry server = DockerRegistry.withLogin(directory);
        Registry registry = open(server, "a", Settings.plain())) {
      RegistryException failure = assertThrows(RegistryException.class, () -> registry.head("1"));
      assertEquals(Kind.DENIED, failure.kind());
      assertTrue(String.valueOf(failure.getMessage()).contains("docker login " + server.host()));
    }
  }

  @Test
  void mountsFromAnotherRepository() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry first = open(server, "first", Settings.plain());
        Registry second = open(server, "second", Settings.plain())) {
      upload(first, LAYER);
      assertFalse(second.has(Digest.of(LAYER)));
      assertTrue(second.mount(Digest.of(LAYER), "first"));
      assertTrue(second.has(Digest.of(LAYER)));
      assertFalse(second.mount(Digest.of(CONFIG), "first"));
    }
  }

  @Test
  void listsAllTags() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "many", Settings.plain())) {
      upload(registry, LAYER);
      upload(registry, CONFIG);
      Set<String> tags = Set.of("v1", "v2", "latest");
      for (String tag : tags) {
        registry.put(image(""), tag);
      }
      assertEquals(tags, Set.copyOf(registry.tags()));
      assertEquals(3, registry.tags().size());
    }
  }

  @Test
  void tagsOfNoRepositoryAreUnknown() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "none", Settings.plain())) {
      RegistryException failure = assertThrows(RegistryException.class, registry::tags);
      assertEquals(Kind.UNKNOWN, failure.kind());
    }
  }

  @Test
  void referrersAreFoundByTheFallbackTag() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "subject", Settings.plain())) {
      upload(registry, LAYER);
      upload(registry, CONFIG);
      Manifest subject = image("");
      registry.put(subject, "1");
      assertEquals(List.of(), registry.referrers(subject.digest(), ""));
      String about = ", \"subject\": " + descriptor(subject.mediaType(), subject.bytes(), "");
      Manifest sbom = image(about + ", \"artifactType\": \"application/sbom\"");
      Manifest other = image(about + ", \"artifactType\": \"application/other\"");
      registry.put(sbom, "");
      registry.put(other, "");
      registry.put(other, "");
      assertEquals(
          List.of(
              new Registry.Referrer(sbom.descriptor(), "application/sbom"),
              new Registry.Referrer(other.descriptor(), "application/other")),
          registry.referrers(subject.digest(), ""));
      assertEquals(
          List.of(new Registry.Referrer(other.descriptor(), "application/other")),
          registry.referrers(subject.digest(), "application/other"));
    }
  }

  @Test
  void deletesByDigest() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "gone", Settings.plain())) {
      upload(registry, LAYER);
      upload(registry, CONFIG);
      registry.put(image(""), "1");
      assertTrue(registry.delete(image("").digest()));
      assertEquals(Optional.empty(), registry.head("1"));
      assertFalse(registry.delete(image("").digest()));
    }
  }

  @Test
  void contentThatIsNotTheBlobIsRefused() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "wrong", Settings.plain())) {
      assertThrows(
          IOException.class,
          () -> registry.upload(described(LAYER), () -> new ByteArrayInputStream(CONFIG)));
      byte[] other = LAYER.clone();
      other[7]++;
      RegistryException failure =
          assertThrows(
              RegistryException.class,
              () -> registry.upload(described(LAYER), () -> new ByteArrayInputStream(other)));
      assertEquals(Kind.REFUSED, failure.kind());
      assertFalse(registry.has(Digest.of(LAYER)));
    }
  }

  @Test
  void aManifestWhoseBlobsAreNotThereIsRefused() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "early", Settings.plain())) {
      RegistryException failure =
          assertThrows(RegistryException.class, () -> registry.put(image(""), "1"));
      assertTrue(
          failure.kind() == Kind.REFUSED || failure.kind() == Kind.UNKNOWN, failure::getMessage);
      assertTrue(
          String.valueOf(failure.getMessage()).contains("MANIFEST_BLOB_UNKNOWN"),
          failure::getMessage);
    }
  }

  @Test
  void aBlobThatIsNotThereIsUnknown() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory);
        Registry registry = open(server, "none", Settings.plain())) {
      RegistryException failure =
          assertThrows(RegistryException.class, () -> registry.open(described(LAYER)));
      assertEquals(Kind.UNKNOWN, failure.kind());
    }
  }

  @Test
  void aTagIsAskedForOnce() throws IOException {
    try (DockerRegistry server = DockerRegistry.plain(directory)) {
      try (Registry registry = open(server, "none", Settings.plain())) {
        assertEquals(Optional.empty(), registry.head("1"));
      }
      assertEquals(List.of("HEAD /v2/none/manifests/1"), server.requests());
    }
  }
}
