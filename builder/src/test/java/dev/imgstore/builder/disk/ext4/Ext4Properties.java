package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class Ext4Properties {
  @Property(tries = 40)
  void theBytesAreTheSameWithAnyPool(
      @ForAll long seed,
      @ForAll @IntRange(max = 120) int count,
      @ForAll @LongRange(min = 0, max = 1L << 30) long free)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    TreeId tree = Ext4Trees.random(seed, count, blobs);
    Ext4Request request = Ext4Trees.request(tree, new Ext4Space.Free(free));
    Digest alone = written(Ext4.plan(request, blobs, task -> {}));
    ExecutorService threads = Executors.newFixedThreadPool(3);
    Executor refusing =
        task -> {
          throw new RejectedExecutionException();
        };
    try {
      Ext4Volume volume = Ext4.plan(request, blobs, threads);
      assertEquals(alone, written(volume));
      assertEquals(alone, written(volume));
      assertEquals(alone, written(Ext4.plan(request, blobs, Runnable::run)));
      assertEquals(alone, written(Ext4.plan(request, blobs, refusing)));
    } finally {
      threads.shutdownNow();
    }
  }

  @Property(tries = 40)
  void thereIsAsMuchFreeAsWasAskedForAndThatSizeIsTakenExactly(
      @ForAll long seed,
      @ForAll @IntRange(max = 60) int count,
      @ForAll @LongRange(min = 0, max = 1L << 38) long free)
      throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    TreeId tree = Ext4Trees.random(seed, count, blobs);
    Ext4Volume volume =
        Ext4.plan(Ext4Trees.request(tree, new Ext4Space.Free(free)), blobs, task -> {});
    assertTrue(volume.freeBytes() >= free);
    Ext4Volume exact =
        Ext4.plan(Ext4Trees.request(tree, new Ext4Space.Exactly(volume.size())), blobs, task -> {});
    assertEquals(volume.freeBytes(), exact.freeBytes());
    assertEquals(volume.uuid(), exact.uuid());
    assertTrue(volume.freeInodes() >= 64);
  }

  @Property(tries = 300)
  void copiesAreInGroupsThatArePowers(@ForAll @IntRange(max = 2_000_000) int group) {
    boolean expected = group <= 1;
    for (int base : new int[] {3, 5, 7}) {
      for (long power = base; power <= group; power *= base) {
        expected |= power == group;
      }
    }
    assertEquals(expected, Layout.hasCopy(group));
  }

  @Property(tries = 300)
  void nothingOfALayoutOverlaps(
      @ForAll @LongRange(min = 2000, max = 1L << 28) long blocks,
      @ForAll @IntRange(min = 1, max = 3_000_000) int inodes) {
    Layout layout = Layout.of(Layout.usable(blocks, inodes), inodes);
    assertTrue(layout.inodes() >= inodes);
    Random random = new Random(blocks);
    for (int i = 0; i < 50; i++) {
      int group = random.nextInt(layout.groups());
      int first = group - group % layout.flex();
      assertTrue(layout.groupBlocks(first) >= layout.ownBlocks(first) || layout.groups() == 1);
      assertTrue(layout.blockBitmap(group) < layout.inodeBitmap(first));
      assertTrue(layout.inodeBitmap(group) < layout.inodeTable(first));
      long end = layout.inodeTable(group) + layout.tableBlocks();
      assertTrue(end <= Layout.start(first) + layout.ownBlocks(first));
    }
  }

  /** The digest of what is written and where; offsets ascend, and nothing is beyond the end. */
  static Digest written(Volume volume) throws IOException {
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
