package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.FrameStore.Chunk;
import dev.imgstore.store.Staged;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Parts of blobs, and bytes that have no name yet. */
final class RangeTest {
  private final MemoryFilesystem files = new MemoryFilesystem();

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] stitched(Transaction transaction, Digest cut) throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    List<Chunk> chunks = transaction.chunks(cut);
    for (Chunk each : chunks) {
      frames.write(transaction.frame(each.digest()));
    }
    byte[] whole = frames.toByteArray();
    transaction.putStitched(
        Digest.of(whole), whole.length, chunks.stream().map(Chunk::digest).toList());
    return whole;
  }

  @Test
  void aRangeIsWhatTheWholeHasThere() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction transaction = store.begin()) {
      byte[] cut = bytes(1, 600_000);
      byte[] frames = stitched(transaction, transaction.put(cut));
      byte[] verbatim = bytes(2, 200_000);
      transaction.putVerbatim(new ByteArrayInputStream(verbatim));
      byte[] small = bytes(3, 77);
      transaction.put(small);
      transaction.flush();
      Random random = new Random(5);
      for (byte[] blob : List.of(cut, frames, verbatim, small)) {
        for (int i = 0; i < 40; i++) {
          int from = random.nextInt(blob.length + 1);
          int length = random.nextInt(blob.length - from + 1);
          try (InputStream in = store.blobs().open(Digest.of(blob), from, length)) {
            assertArrayEquals(Arrays.copyOfRange(blob, from, from + length), in.readAllBytes());
          }
        }
        assertThrows(
            IllegalArgumentException.class,
            () -> store.blobs().open(Digest.of(blob), 1, blob.length));
      }
    }
  }

  @Test
  void manyWhoAskAtOnceForTheFirstTimeAreAllAnswered() throws Exception {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction transaction = store.begin()) {
      ExecutorService pool = Executors.newFixedThreadPool(8);
      try {
        for (int seed = 0; seed < 20; seed++) {
          byte[] blob = bytes(seed, 200_000);
          transaction.putVerbatim(new ByteArrayInputStream(blob));
          transaction.flush();
          CyclicBarrier together = new CyclicBarrier(8);
          Callable<byte[]> ask =
              () -> {
                together.await();
                try (InputStream in = store.blobs().open(Digest.of(blob), 0, blob.length)) {
                  return in.readAllBytes();
                }
              };
          for (Future<byte[]> each : pool.invokeAll(Collections.nCopies(8, ask))) {
            assertArrayEquals(blob, each.get());
          }
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  @Test
  void aDamagedPieceIsNotHandedOutAndOthersAre() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction transaction = store.begin()) {
      byte[] blob = stitched(transaction, transaction.put(bytes(1, 600_000)));
      transaction.flush();
      damageTheMiddleOf("content");
      try (InputStream in = store.blobs().open(Digest.of(blob), 0, 100)) {
        assertArrayEquals(Arrays.copyOf(blob, 100), in.readAllBytes());
      }
      try (InputStream in = store.blobs().open(Digest.of(blob), 0, blob.length)) {
        assertThrows(StoreException.Corrupt.class, in::readAllBytes);
      }
    }
  }

  @Test
  void aPartOfADamagedBodyInOnePieceIsRefused() throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Transaction transaction = store.begin()) {
      byte[] blob = bytes(2, 200_000);
      transaction.putVerbatim(new ByteArrayInputStream(blob));
      transaction.flush();
      damageTheMiddleOf("verbatim");
      assertThrows(StoreException.Corrupt.class, () -> store.blobs().open(Digest.of(blob), 0, 10));
    }
  }

  private void damageTheMiddleOf(String purpose) throws IOException {
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      if (Purpose.of(each).map(p -> p.name().equalsIgnoreCase(purpose)).orElse(false)) {
        byte[] bytes;
        try (InputStream in = files.read(each)) {
          bytes = in.readAllBytes();
        }
        bytes[bytes.length / 2] ^= 1;
        files.delete(each);
        try (var out = files.create(each)) {
          out.write(bytes);
        }
      }
    }
  }

  @Test
  void stagedBytesComeInPartsAndAreGoneWithTheStore() throws IOException {
    byte[] all = bytes(4, 150_000);
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      Staged staged = store.stage();
      assertEquals(0, staged.open().readAllBytes().length);
      assertTrue(staged.append(new ByteArrayInputStream(all, 0, 100_000), 100_000));
      assertTrue(staged.append(new ByteArrayInputStream(all, 100_000, 50_000), 1 << 20));
      assertFalse(staged.append(new ByteArrayInputStream(all), 0));
      assertEquals(all.length, staged.size());
      assertArrayEquals(all, staged.open().readAllBytes());
      Staged other = store.stage();
      other.append(new ByteArrayInputStream(all), all.length);
      other.close();
      other.close();
    }
    assertEquals(List.of(), files.list(RelPath.of("tmp")).stream().filter(Scratch::isOne).toList());
  }
}
