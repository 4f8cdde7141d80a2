package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Blobs that are put into an array of the reader's. */
class ReadIntoTest {
  private static final int[] SIZES = {0, 1, 5000, 100_000, 200_000, 700_000};

  private static byte[] bytes(int size) {
    byte[] bytes = Arrays.copyOf(Samples.text(size, size + 1), size);
    byte[] noise = new byte[size / 3];
    new SplittableRandom(size).nextBytes(noise);
    System.arraycopy(noise, 0, bytes, size / 2, noise.length);
    return bytes;
  }

  private static MemoryFilesystem disk(int... sizes) throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    try (DiskStore store = DiskStore.open(disk, notice -> {});
        Transaction transaction = store.begin()) {
      for (int size : sizes) {
        transaction.put(new ByteArrayInputStream(bytes(size)));
      }
      transaction.flush();
    }
    return disk;
  }

  @Test
  void aBlobComesWhereItIsAskedForAndNowhereElse() throws IOException {
    try (DiskStore store = DiskStore.open(disk(SIZES), notice -> {})) {
      for (int size : SIZES) {
        byte[] target = new byte[size + 20];
        Arrays.fill(target, (byte) 9);
        byte[] wanted = target.clone();
        System.arraycopy(bytes(size), 0, wanted, 7, size);
        assertTrue(store.blobs().readInto(Digest.of(bytes(size)), target, 7, size));
        assertArrayEquals(wanted, target, "size " + size);
      }
    }
  }

  @Test
  void anotherLengthIsRefused() throws IOException {
    try (DiskStore store = DiskStore.open(disk(SIZES), notice -> {})) {
      for (int size : SIZES) {
        Digest blob = Digest.of(bytes(size));
        assertFalse(store.blobs().readInto(blob, new byte[size + 1], 0, size + 1));
        assertFalse(size > 0 && store.blobs().readInto(blob, new byte[size], 0, size - 1));
      }
    }
  }

  @Test
  void noByteThatIsWrongIsGiven() throws IOException {
    for (int size : new int[] {5000, 300_000}) {
      MemoryFilesystem disk = disk(size);
      int found = 0;
      for (RelPath segment : disk.list(Purpose.DIRECTORY)) {
        byte[] good = Rot.bytes(disk, segment);
        for (int at = 0; at < good.length; at += Math.max(1, good.length / 60)) {
          Rot.replace(disk, segment, Rot.flipped(good, at));
          found += isGiven(disk, size) ? 0 : 1;
        }
        Rot.replace(disk, segment, good);
      }
      assertTrue(found > 20, found + " of the damages stood in the way");
    }
  }

  /** False if the store says it cannot; what it gives is right. */
  private static boolean isGiven(MemoryFilesystem disk, int size) throws IOException {
    try (DiskStore store = DiskStore.open(disk, notice -> {})) {
      byte[] target = new byte[size];
      try {
        if (!store.blobs().readInto(Digest.of(bytes(size)), target, 0, size)) {
          return false; // the damage is in the length
        }
      } catch (StoreException e) {
        return false;
      }
      assertArrayEquals(bytes(size), target);
      return true;
    }
  }
}
