package dev.imgstore.store.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Collector;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Why;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
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

  /** Each is an artifact about the one before. */
  private static List<byte[]> chain(int length) {
    List<byte[]> all = new ArrayList<>();
    byte[] last = manifest("", "");
    for (int i = 0; i < length; i++) {
      all.add(last);
      last = manifest("", ",\"subject\":" + descriptor(last, ""));
    }
    return all;
  }

  @Test
  void aChainOfManyThousandSubjectsIsFollowedToItsEnd() throws IOException {
    List<byte[]> chain = chain(20_000);
    Digest first = Digest.of(chain.get(0));
    Digest last = Digest.of(chain.get(chain.size() - 1));
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG);
      put(store, chain.toArray(byte[][]::new));
      store.roots().pin("last", last, BECAUSE);
    }
    collect();
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      assertTrue(store.blobs().has(first));
      Why why = store.insight().why(first, 20);
      assertEquals(1, why.count());
      assertEquals(chain.size(), why.chains().get(0).links().size());
      assertEquals(0, store.insight().usage().unkept());
      Reachable reachable = new Reachable(store.blobs(), (blob, reason) -> {});
      reachable.mark(new Root.Pin("last", last, NOW, "tester"));
      assertEquals(chain.size() + 1, reachable.digests().size());
    }
  }

  @Test
  void aChainInWhichEachIsPinnedIsCountedInTime() throws IOException {
    List<byte[]> chain = chain(600);
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG);
      put(store, chain.toArray(byte[][]::new));
      for (int i = 0; i < chain.size(); i++) {
        store.roots().pin("pin" + i, Digest.of(chain.get(i)), BECAUSE);
      }
      assertTimeout(
          Duration.ofSeconds(20), // each manifest is read once, whoever names it
          () -> {
            store.insight().usage();
            Why why = store.insight().why(Digest.of(chain.get(0)), 20);
            assertEquals(chain.size(), why.count());
            assertEquals(chain.size(), why.chains().size());
          });
    }
  }

  @Test
  void aLargeLayerOfElsewhereThatIsHereIsCountedAndFound() throws IOException {
    byte[] layer = new byte[ImageManifest.MAX_SIZE + 1];
    byte[] image = manifest(descriptor(layer, ",\"urls\":[\"https://example.org/x\"]"), "");
    byte[] artifact = manifest("", ",\"subject\":" + descriptor(layer, ""));
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      try (Transaction transaction = store.begin()) {
        transaction.putVerbatim(new ByteArrayInputStream(layer));
        transaction.flush();
      }
      put(store, CONFIG, image, artifact);
      store.roots().pin("image", Digest.of(image), BECAUSE);
      store.roots().pin("artifact", Digest.of(artifact), BECAUSE);
      assertTrue(store.insight().usage().pins().alone() > layer.length);
      assertEquals(2, store.insight().why(Digest.of(layer), 20).count());
    }
    collect();
  }

  /** A root may need what an artifact only mentions. */
  @Test
  void whatIsLooseAndThenNeededIsMissedIfItIsNotThere() throws IOException {
    byte[] image = manifest(descriptor(LAYER, ""), "");
    byte[] artifact = manifest("", ",\"subject\":" + descriptor(image, ""));
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG, image, artifact);
      store.roots().pin("a-artifact", Digest.of(artifact), BECAUSE);
      assertEquals(List.of(), store.check().findings());
      store.roots().pin("b-image", Digest.of(image), BECAUSE);
      assertEquals(1, store.check().findings().size());
    }
  }

  @Test
  void aSubjectThatSaysItHasTreesMayLie() throws IOException {
    byte[] liar =
        manifest(descriptor(LAYER, "").replace("application/x-any", ImageManifest.TREE), "");
    byte[] artifact = manifest("", ",\"subject\":" + descriptor(liar, ""));
    byte[] far =
        manifest(
            descriptor("absent".getBytes(UTF_8), ",\"urls\":[\"https://example.org/x\"]")
                .replace("application/x-any", ImageManifest.TREE),
            "");
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      put(store, CONFIG, LAYER, liar, artifact, far);
      store.roots().pin("artifact", Digest.of(artifact), BECAUSE);
      store.roots().pin("far", Digest.of(far), BECAUSE);
      Reachable reachable = new Reachable(store.blobs(), (blob, why) -> {});
      reachable.mark(new Root.Pin("artifact", Digest.of(artifact), NOW, "tester"));
      assertTrue(reachable.digests().contains(Digest.of(LAYER)));
      assertEquals(List.of(), store.check().findings());
    }
    collect();
  }
}
