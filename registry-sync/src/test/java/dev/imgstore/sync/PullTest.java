package dev.imgstore.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulling from a registry that does whatever a test wants. */
@Timeout(60)
final class PullTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  @TempDir Path directory;
  private final Held registry = new Held();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();
  private Store store;

  @BeforeEach
  void prepare() throws IOException {
    store = DiskStore.open(directory.resolve("store"), Clock.systemUTC(), notice -> {});
  }

  @AfterEach
  void end() throws IOException {
    pool.shutdownNow();
    store.close();
  }

  /** Does not check anything itself. */
  private static final class Held implements Registry {
    final Map<String, Manifest> manifests = new HashMap<>();
    final Map<Digest, byte[]> blobs = new HashMap<>();
    final List<Digest> opened = new ArrayList<>();

    @Override
    public String name() {
      return "here/web";
    }

    @Override
    public Optional<Manifest> manifest(String reference) {
      return Optional.ofNullable(manifests.get(reference));
    }

    @Override
    public Optional<Descriptor> head(String reference) {
      return manifest(reference).map(Manifest::descriptor);
    }

    @Override
    public InputStream open(Descriptor blob) throws IOException {
      opened.add(blob.digest());
      byte[] bytes = blobs.get(blob.digest());
      if (bytes == null) {
        throw new RegistryException(RegistryException.Kind.UNKNOWN, "no " + blob.digest());
      }
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public boolean has(Digest blob) {
      return blobs.containsKey(blob);
    }

    @Override
    public void put(Manifest manifest, String tag) {
      throw new AssertionError(tag);
    }

    @Override
    public boolean mount(Digest blob, String repository) {
      throw new AssertionError(blob);
    }

    @Override
    public void upload(Descriptor blob, Content content) {
      throw new AssertionError(blob);
    }

    @Override
    public List<String> tags() {
      throw new AssertionError("nobody asks");
    }

    @Override
    public List<Referrer> referrers(Digest subject, String artifactType) {
      throw new AssertionError(subject);
    }

    @Override
    public boolean delete(Digest manifest) {
      throw new AssertionError(manifest);
    }

    @Override
    public void close() {}
  }

  private String blob(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    registry.blobs.put(Digest.of(bytes), bytes);
    return descriptor("a/b", bytes) + "}";
  }

  private static String descriptor(String type, byte[] bytes) {
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + Digest.of(bytes)
        + "\",\"size\":"
        + bytes.length;
  }

  private String manifest(String tag, String type, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    registry.manifests.put(tag, new Manifest(type, bytes));
    registry.manifests.put(Digest.of(bytes).toString(), new Manifest(type, bytes));
    return descriptor(type, bytes);
  }

  private String image(String tag, String... layers) {
    List<String> parts = new ArrayList<>();
    for (String each : layers) {
      parts.add(blob(each));
    }
    return manifest(
        tag, TYPE, "{\"schemaVersion\":2,\"config\":" + blob("{}") + ",\"layers\":" + parts + "}");
  }

  private Pull.Pulled pull(String reference, Platform... platform) throws IOException {
    try (Transaction into = store.begin()) {
      Pull.Pulled pulled =
          Pull.run(
              new Pull.Request(
                  registry, reference, List.of(platform), into, pool, (done, total) -> {}));
      into.flush();
      return pulled;
    }
  }

  private Digest named(String reference) {
    return registry.manifest(reference).orElseThrow().digest();
  }

  private static Digest digest(String text) {
    return Digest.of(text.getBytes(UTF_8));
  }

  @Test
  void whatCameBeforeAFailureIsKeptAndNotFetchedAgain() throws IOException {
    image("1", "the longest layer", "shorter");
    byte[] shorter = registry.blobs.remove(digest("shorter"));
    assertThrows(RegistryException.class, () -> pull("1"));
    assertTrue(store.blobs().has(digest("the longest layer")));
    assertFalse(store.blobs().has(named("1")));
    registry.blobs.put(digest("shorter"), shorter);
    registry.opened.clear();
    Pull.Pulled pulled = pull("1");
    assertEquals(List.of(digest("shorter"), digest("{}")), registry.opened);
    assertEquals(2, pulled.fetched());
    assertEquals(4, pulled.blobs());
    assertTrue(store.blobs().has(pulled.image()));
  }

  @Test
  void whatIsLongerShorterOrOtherIsRefusedAndNotStoredUnderThatName() {
    image("1", "a layer");
    for (String bad : List.of("a layer and more", "a la", "another")) {
      registry.blobs.put(digest("a layer"), bad.getBytes(UTF_8));
      RegistryException refusal = assertThrows(RegistryException.class, () -> pull("1"));
      assertEquals(RegistryException.Kind.WRONG, refusal.kind(), bad);
    }
  }

  @Test
  void anEndlessBlobEndsWhereItsDescriptorSays() {
    image("1", "a layer");
    registry.blobs.put(digest("a layer"), new byte[64 << 20]);
    assertThrows(RegistryException.class, () -> pull("1"));
  }

  @Test
  void aManifestThatIsNotWhatTheIndexSaysIsRefused() throws IOException {
    String first = image("1", "a");
    manifest("index", INDEX, "{\"schemaVersion\":2,\"manifests\":[" + first + "}]}");
    Manifest other = new Manifest(TYPE, "{}".getBytes(UTF_8));
    registry.manifests.put(named("1").toString(), other);
    assertThrows(RegistryException.class, () -> pull("index"));
  }

  @Test
  void indexesThatGoOnForeverAreRefused() {
    String inner = image("1", "a");
    for (int i = 0; i < 12; i++) {
      inner = manifest("deep", INDEX, "{\"schemaVersion\":2,\"manifests\":[" + inner + "}]}");
    }
    RegistryException refusal = assertThrows(RegistryException.class, () -> pull("deep"));
    assertTrue(String.valueOf(refusal.getMessage()).contains("nested deeper"), refusal::toString);
  }

  @Test
  void aPlatformIsFoundWithoutItsVariantAndTheIndexIsKept() throws IOException {
    String first = image("1", "a");
    String second = image("2", "b");
    manifest(
        "index",
        INDEX,
        "{\"schemaVersion\":2,\"manifests\":["
            + first
            + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
            + second
            + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}}]}");
    Pull.Pulled pulled = pull("index", Platform.parse("linux/arm64"));
    assertEquals(named("2"), pulled.image());
    assertEquals(named("index"), pulled.named());
    assertTrue(store.blobs().has(pulled.named()));
    assertFalse(store.blobs().has(digest("a")));
    assertEquals("{" + pulled.image() + "=linux/arm64/v8}", pulled.platforms().toString());
    RegistryException refusal =
        assertThrows(RegistryException.class, () -> pull("index", Platform.parse("linux/arm")));
    assertEquals(RegistryException.Kind.UNKNOWN, refusal.kind());
  }
}
