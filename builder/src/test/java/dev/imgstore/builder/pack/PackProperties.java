package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PackProperties {
  @Property(tries = 150)
  void readingATarGivesItsEntries(@ForAll long seed, @ForAll @IntRange(max = 60) int count)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    LayerContent content = content(seed, count, blobs);
    RawTar read = new RawTar(CanonicalTarTest.tar(content, blobs));
    assertEquals(content.entries(), read.entries);
    SortedMap<TreePath, Long> times = new TreeMap<>(content.times());
    times.values().removeIf(time -> time == CanonicalTar.TIME);
    assertEquals(times, read.times);
  }

  @Property(tries = 60)
  void bothCompressionsDecompressToTheTar(@ForAll long seed, @ForAll @IntRange(max = 60) int count)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    LayerContent content = content(seed, count, blobs);
    byte[] tar = CanonicalTarTest.tar(content, blobs);
    Layer zstd = ZstdLayer.pack(content, blobs);
    try (InputStream in = new ZstdInputStreamNoFinalizer(blobs.open(zstd.blob().digest()))) {
      assertArrayEquals(tar, in.readAllBytes());
    }
    Layer gzip = GzipLayer.pack(content, blobs, Runnable::run);
    try (InputStream in = new GZIPInputStream(blobs.open(gzip.blob().digest()))) {
      assertArrayEquals(tar, in.readAllBytes());
    }
    assertEquals(Digest.of(tar), zstd.diffId().digest());
    assertEquals(zstd.diffId(), gzip.diffId());
    assertEquals(blobs.size(zstd.blob().digest()), zstd.blob().size());
    assertEquals(blobs.size(gzip.blob().digest()), gzip.blob().size());
  }

  @Property(tries = 150)
  void layersInOrderGiveTheTree(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 9) int budget)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    SortedMap<TreePath, Node> tree = RandomTrees.entries(seed, count, blobs);
    SortedMap<TreePath, Long> times = RandomTrees.times(seed, tree);
    List<LayerContent> layers = LayerSplit.split(tree, randomPieces(tree, seed), times, budget);
    SortedMap<TreePath, Node> applied = new TreeMap<>();
    SortedMap<TreePath, Long> appliedTimes = new TreeMap<>();
    for (LayerContent layer : layers) {
      RawTar read = new RawTar(CanonicalTarTest.tar(layer, blobs));
      applied.putAll(read.entries);
      appliedTimes.putAll(read.times);
    }
    assertEquals(LayerContent.of("flat", tree).entries(), applied);
    times.values().removeIf(time -> time == CanonicalTar.TIME);
    assertEquals(times, appliedTimes);
    assertEquals(true, layers.size() <= budget);
  }

  private static LayerContent content(long seed, int count, MemoryBlobStore blobs)
      throws IOException {
    SortedMap<TreePath, Node> entries = RandomTrees.entries(seed, count, blobs);
    return new LayerContent("random", entries, RandomTrees.times(seed, entries));
  }

  /** Packages that own most entries, share some, and brought some otherwise than they now are. */
  private static List<LayerSplit.Piece> randomPieces(SortedMap<TreePath, Node> tree, long seed) {
    Random random = new Random(seed + 1);
    List<LayerSplit.Piece> pieces = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      SortedMap<TreePath, Node> nodes = new TreeMap<>();
      tree.forEach(
          (path, node) -> {
            if (random.nextInt(4) == 0) {
              boolean same = random.nextInt(5) > 0;
              nodes.put(
                  path, same ? node : node.withMeta(node.meta().withMode(node.meta().mode() ^ 1)));
            }
          });
      pieces.add(new LayerSplit.Piece("package-" + i, nodes));
    }
    return pieces;
  }
}
