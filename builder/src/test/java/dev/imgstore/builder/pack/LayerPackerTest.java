package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayerPackerTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(4);
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final MemoryActions actions = new MemoryActions();

  @AfterEach
  void endThreads() {
    pool.shutdownNow();
  }

  private List<LayerContent> layers() throws IOException {
    List<LayerContent> layers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      layers.add(LayerContent.of("layer " + i, RandomTrees.entries(i, 40, blobs)));
    }
    layers.add(Samples.layer(blobs));
    return layers;
  }

  private void record(LayerPacker.Packed packed) {
    packed.fresh().forEach(actions::record);
  }

  @Test
  void theNumberOfThreadsDoesNotShow() throws IOException {
    for (Compression compression : Compression.values()) {
      ExecutorService one = Executors.newSingleThreadExecutor();
      try {
        List<LayerRecord> alone =
            new LayerPacker(new MemoryActions(), one).pack(layers(), compression, blobs).layers();
        assertEquals(
            alone, new LayerPacker(actions, pool).pack(layers(), compression, blobs).layers());
      } finally {
        one.shutdownNow();
      }
    }
  }

  @Test
  void anUnchangedLayerIsLookedUp() throws IOException {
    LayerPacker packer = new LayerPacker(actions, pool);
    LayerPacker.Packed first = packer.pack(layers(), Compression.ZSTD, blobs);
    assertEquals(7, first.fresh().size());
    record(first);
    LayerPacker.Packed second = packer.pack(layers(), Compression.ZSTD, blobs);
    assertEquals(first.layers(), second.layers());
    assertEquals(Map.of(), second.fresh());
    assertEquals(7, packer.pack(layers(), Compression.GZIP, blobs).fresh().size());
  }

  @Test
  void aRecordThatIsGoneOrBrokenIsAMiss() throws IOException {
    LayerContent layer = Samples.layer(blobs);
    ActionKey key = PackKey.of(layer, Compression.ZSTD);
    actions.record(key, Digest.of(new byte[] {1, 2, 3}));
    LayerPacker packer = new LayerPacker(actions, pool);
    assertEquals(1, packer.pack(List.of(layer), Compression.ZSTD, blobs).fresh().size());
    blobs.put(new byte[] {1, 2, 3});
    assertEquals(1, packer.pack(List.of(layer), Compression.ZSTD, blobs).fresh().size());
  }

  @Test
  void aRecordWhoseLayerIsGoneIsAMiss() throws IOException {
    LayerContent layer = Samples.layer(blobs);
    LayerPacker packer = new LayerPacker(actions, pool);
    LayerPacker.Packed packed = packer.pack(List.of(layer), Compression.ZSTD, blobs);
    record(packed);
    MemoryBlobStore other = new MemoryBlobStore();
    other.put(packed.layers().get(0).encode());
    LayerContent same = Samples.layer(other);
    assertEquals(1, packer.pack(List.of(same), Compression.ZSTD, other).fresh().size());
  }

  @Test
  void theKeyNamesCompressionAndName() throws IOException {
    LayerContent layer = Samples.layer(blobs);
    ActionKey key = PackKey.of(layer, Compression.ZSTD);
    assertEquals(key, PackKey.of(Samples.layer(blobs), Compression.ZSTD));
    assertNotEquals(key, PackKey.of(layer, Compression.GZIP));
    assertNotEquals(
        key,
        PackKey.of(new LayerContent("other", layer.entries(), layer.times()), Compression.ZSTD));
  }

  @Test
  void recordsAreReadBackAndOthersRefused() throws IOException {
    Layer layer = ZstdLayer.pack(Samples.layer(blobs), blobs);
    LayerRecord record = new LayerRecord("a \"name\"", layer);
    assertEquals(record, LayerRecord.decode(record.encode()));
    assertThrows(IllegalArgumentException.class, () -> LayerRecord.decode(new byte[0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> LayerRecord.decode("{\"format\":1}".getBytes(StandardCharsets.UTF_8)));
    byte[] spaced =
        (new String(record.encode(), StandardCharsets.UTF_8) + " ")
            .getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> LayerRecord.decode(spaced));
  }

  @Test
  void theFirstFailureIsThrownAfterAllHaveEnded() throws IOException {
    List<LayerContent> layers = new ArrayList<>(layers());
    SortedMap<TreePath, Node> bad = new TreeMap<>();
    bad.put(TreePath.of(".wh.x"), new Node.Fifo(Meta.of(0600, 0, 0)));
    layers.add(2, LayerContent.of("bad", bad));
    PackException refusal =
        assertThrows(
            PackException.class,
            () -> new LayerPacker(actions, pool).pack(layers, Compression.ZSTD, blobs));
    assertEquals(TreePath.of(".wh.x"), refusal.path());
  }

  @Test
  void aDamagedFrameNeverBecomesPartOfALayer() throws IOException {
    byte[] content = "the content".getBytes(StandardCharsets.UTF_8);
    Digest digest = blobs.put(content);
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    entries.put(TreePath.of("f"), new Node.File(digest, content.length, Meta.of(0644, 0, 0)));
    byte[] others =
        Frames.encode("the CONTENT".getBytes(StandardCharsets.UTF_8), 0, content.length);
    byte[] shorter = Frames.encode(new byte[3], 0, 3);
    for (byte[] frame : List.of(others, shorter, new byte[0], new byte[] {1, 2, 3})) {
      StoreException.Corrupt damage =
          assertThrows(
              StoreException.Corrupt.class,
              () ->
                  ZstdLayer.pack(
                      LayerContent.of("x", entries), new DamagedFrames(blobs, digest, frame)));
      assertTrue(damage.place().contains(digest.hex()));
    }
  }
}
