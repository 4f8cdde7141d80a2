package dev.imgstore.builder.disk.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.ext4.Ext4Trees;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ErofsProperties {
  private static ErofsRequest request(TreeId tree, Digest seed) {
    return new ErofsRequest(tree, Meta.of(0755, 0, 0), seed, "", 315_532_800L);
  }

  @Property(tries = 40)
  void theBytesAreTheSameWithAnyPool(@ForAll long seed, @ForAll @IntRange(max = 120) int count)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    TreeId tree = Ext4Trees.random(seed, count, blobs);
    ErofsRequest request = request(tree, tree.digest());
    Digest alone = written(ErofsVolume.plan(request, blobs, task -> {}));
    ExecutorService threads = Executors.newFixedThreadPool(3);
    Executor refusing =
        task -> {
          throw new RejectedExecutionException();
        };
    try {
      ErofsVolume volume = ErofsVolume.plan(request, blobs, threads);
      assertEquals(alone, written(volume));
      assertEquals(alone, written(volume));
      assertEquals(alone, written(ErofsVolume.plan(request, blobs, Runnable::run)));
      assertEquals(alone, written(ErofsVolume.plan(request, blobs, refusing)));
    } finally {
      threads.shutdownNow();
    }
  }

  @Property(tries = 20)
  void anotherSeedIsAnotherFileSystemOfOneSize(
      @ForAll long seed, @ForAll @IntRange(max = 60) int count) throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    TreeId tree = Ext4Trees.random(seed, count, blobs);
    Volume one = ErofsVolume.plan(request(tree, tree.digest()), blobs, task -> {});
    Volume two = ErofsVolume.plan(request(tree, Digest.of(new byte[] {7})), blobs, task -> {});
    assertEquals(one.size(), two.size());
    assertEquals(0, one.size() % 4096);
    assertNotEquals(written(one), written(two));
  }

  /** The digest of what is written and where; offsets ascend, and nothing is beyond the end. */
  private static Digest written(Volume volume) throws IOException {
    MessageDigest hash = Digest.sha256();
    long[] reached = {0};
    volume.writeTo(
        (offset, bytes, from, length) -> {
          assertTrue(offset >= reached[0], "ascending");
          reached[0] = offset + length;
          hash.update(ByteBuffer.allocate(8).putLong(offset).array());
          hash.update(bytes, from, length);
        });
    assertTrue(reached[0] <= volume.size());
    return Digest.fromRaw(hash.digest());
  }
}
