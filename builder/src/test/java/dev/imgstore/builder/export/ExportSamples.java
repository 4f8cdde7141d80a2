package dev.imgstore.builder.export;

import dev.imgstore.builder.pack.ImageAssembler;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerPacker;
import dev.imgstore.builder.pack.LayerRecord;
import dev.imgstore.builder.pack.Samples;
import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Actions;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Small whole images with a layer of each compression. */
final class ExportSamples {
  private static final Instant CREATED = Instant.parse("2026-11-20T00:00:00Z");

  private ExportSamples() {}

  static ImageDocument image(FrameStore blobs, String name) throws IOException {
    return ImageDocument.read(blobs, assemble(blobs, name, "linux/amd64").manifest().digest());
  }

  static ImageDocument index(FrameStore blobs) throws IOException {
    SortedMap<Platform, Image> images = new TreeMap<>();
    for (String platform : List.of("linux/amd64", "linux/arm64")) {
      images.put(Platform.parse(platform), assemble(blobs, platform, platform));
    }
    return ImageDocument.read(
        blobs, ImageAssembler.index(images, CREATED, "web", new TreeMap<>(), blobs).digest());
  }

  static Image assemble(FrameStore blobs, String name, String platform) throws IOException {
    LayerContent every = new LayerContent("every kind", Samples.everyKind(blobs), Samples.times());
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    entries.put(
        TreePath.of("name"), new Node.File(blobs.put(text), text.length, Meta.of(0644, 0, 0)));
    List<LayerRecord> layers =
        List.of(
            pack(every, Compression.ZSTD, blobs),
            pack(LayerContent.of("name", entries), Compression.GZIP, blobs));
    return ImageAssembler.assemble(
        new ImageAssembler.Request(
            Platform.parse(platform), Samples.run(), CREATED, layers, name, new TreeMap<>()),
        blobs);
  }

  private static LayerRecord pack(LayerContent layer, Compression compression, FrameStore blobs)
      throws IOException {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      return new LayerPacker(new NoActions(), pool)
          .pack(List.of(layer), compression, blobs)
          .layers()
          .get(0);
    } finally {
      pool.shutdown();
    }
  }

  private static final class NoActions implements Actions {
    @Override
    public Optional<Digest> find(ActionKey key) {
      return Optional.empty();
    }

    @Override
    public void record(ActionKey key, Digest result) {}

    @Override
    public List<Digest> results(ActionKey key) {
      return List.of();
    }

    @Override
    public void remember(ActionKey key, Digest newest) {}

    @Override
    public List<ActionKey> startingWith(String hex) {
      return List.of();
    }
  }
}
