package dev.imgstore.store.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Collector;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * What registries take and we do not make: artifacts, indexes without platforms, foreign layers.
 */
final class LooseReferencesTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Because BECAUSE = new Because(NOW, "tester", "test");
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);
  private static final byte[] LAYER = "layer".getBytes(UTF_8);

  private final MemoryFilesystem files = new MemoryFilesystem();

  private static String descriptor(byte[] bytes, String more) {
    return "{\"mediaType\":\"application/x-any\",\"digest\":\""
        + Digest.of(bytes)
        + "\",\"size\":"
        + bytes.length
        + more
        + "}";
  }

  private static byte[] manifest(String layers, String more) {
    return ("{\"schemaVersion\":2,\"config\":"
            + descriptor(CONFIG, "")
            + ",\"layers\":["
            + layers
            + "]"
            + more
            + "}")
        .getBytes(UTF_8);
  }

  private static void put(DiskStore store, byte[]... blobs) throws IOException {
    try (Transaction transaction = store.begin()) {
      for (byte[] each : blobs) {
        transaction.putMetadata(each);
      }
      transaction.flush();
    }
  }

  private void collect() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Collector collector = store.collector()) {
      collector.apply(
          collector.plan(Collector.Policy.ALL, OptionalLong.empty()),
          BECAUSE,
          Clock.fixed(NOW, ZoneOffset.UTC));
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void whatIsLooseMayBeMissing() throws IOException {
    byte[] elsewhere = manifest(descriptor(LAYER, ",\"urls\":[\"https://example.org/x\"]"), "");
    byte[] artifact = manifest("", ",\"subject\":" + descriptor(elsewhere, ""));
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG, elsewhere, artifact);
      store.roots().pin("elsewhere", Digest.of(elsewhere), BECAUSE);
    }
    collect();
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG, manifest("", ",\"subject\":" + descriptor(LAYER, "")));
      store
          .roots()
          .pin(
              "artifact",
              Digest.of(manifest("", ",\"subject\":" + descriptor(LAYER, ""))),
              BECAUSE);
    }
    collect();
  }

  @Test
  void whatIsLooseAndThereIsKeptWithWhatItNames() throws IOException {
    byte[] image = manifest(descriptor(LAYER, ""), "");
    byte[] artifact = manifest("", ",\"subject\":" + descriptor(image, ""));
    byte[] other = "not named".getBytes(UTF_8);
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, other);
      put(store, CONFIG, LAYER, image, artifact);
      store.roots().pin("artifact", Digest.of(artifact), BECAUSE);
    }
    collect();
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      for (byte[] each : List.of(artifact, image, LAYER, CONFIG)) {
        assertTrue(store.blobs().has(Digest.of(each)));
      }
      assertFalse(store.blobs().has(Digest.of(other)));
      store.roots().unpin("artifact", BECAUSE);
    }
    collect();
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      assertFalse(store.blobs().has(Digest.of(image)));
    }
  }

  @Test
  void whatIsNotLooseMustBeThere() throws IOException {
    byte[] image = manifest(descriptor(LAYER, ""), "");
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG, image);
      store.roots().pin("image", Digest.of(image), BECAUSE);
    }
    assertThrows(StoreException.Corrupt.class, this::collect);
  }

  @Test
  void anIndexNeedNotSayPlatforms() throws IOException {
    byte[] index =
        ("{\"schemaVersion\":2,\"manifests\":["
                + descriptor(CONFIG, "")
                + ","
                + descriptor(CONFIG, ",\"platform\":{\"os\":\"Plan 9\",\"architecture\":\"mips\"}")
                + "]}")
            .getBytes(UTF_8);
    ImageManifest.Index read =
        assertInstanceOf(ImageManifest.Index.class, ImageManifest.parse(Digest.of(index), index));
    for (ImageManifest.Index.Entry each : read.manifests()) {
      assertEquals(Optional.empty(), each.runsOn());
    }
  }
}
