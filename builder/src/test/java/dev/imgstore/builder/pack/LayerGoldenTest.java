package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.model.Layer;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Pinned digests of packed layers. When one changes, an encoder or a format did: give it the next
 * number, so that keys change with it, and only then the new digest here.
 */
class LayerGoldenTest {
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  @Test
  void aZstdLayerIsPinned() throws IOException {
    Layer layer = ZstdLayer.pack(Samples.layer(blobs), blobs);
    assertEquals(
        "63f18a8b36ca9919737f11e0835ea5ed8b458ca087e382f1b274e5a60183d5d4",
        layer.blob().digest().hex());
    assertEquals(
        "b14d2ce1d2607133230353d4af482202011e3944fe3a806ad18cc4c69925ddf2",
        layer.diffId().digest().hex());
  }

  @Test
  void aGzipLayerIsPinned() throws IOException {
    Layer layer = GzipLayer.pack(Samples.layer(blobs), blobs, Runnable::run);
    assertEquals(
        "75d4ed6aeea3262ae0090c2a2d1fada20121e6be7e6d953f7e7e2e75b49a6f5b",
        layer.blob().digest().hex());
    assertEquals(
        "b14d2ce1d2607133230353d4af482202011e3944fe3a806ad18cc4c69925ddf2",
        layer.diffId().digest().hex());
  }

  @Test
  void theKeysOfPackingArePinned() throws IOException {
    LayerContent layer = Samples.layer(blobs);
    assertEquals(
        "d18eb4e8b4fdfb721f6f16f44eb66f502db8f5e61e2ef55f76bd89df33d1061e",
        PackKey.of(layer, Compression.ZSTD).digest().hex());
    assertEquals(
        "4b9761f43463c17d32849fd40678fb4b6f42196fad9612a06d6c13710baffe96",
        PackKey.of(layer, Compression.GZIP).digest().hex());
  }
}
