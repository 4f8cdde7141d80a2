package dev.imgstore.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every blob store keeps: on a disk, in memory, anywhere. */
public abstract class BlobStoreContract {
  private Transaction blobs;

  /** A transaction on an empty store. */
  protected abstract Transaction begin() throws IOException;

  @BeforeEach
  void open() throws IOException {
    blobs = begin();
  }

  @AfterEach
  void close() throws IOException {
    blobs.close();
    end();
  }

  /** Ends what {@link #begin} opened. */
  protected void end() throws IOException {}

  /** Bytes that look the same every time and do not compress. */
  protected static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private byte[] read(Digest digest) throws IOException {
    try (InputStream in = blobs.open(digest)) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatWasPutIsReadBack() throws IOException {
    for (int length : new int[] {0, 1, 2500, 256 << 10, (256 << 10) + 1, 3 << 20}) {
      byte[] bytes = noise(length, length);
      Digest digest = blobs.put(new ByteArrayInputStream(bytes));
      assertEquals(Digest.of(bytes), digest);
      assertTrue(blobs.has(digest));
      assertEquals(length, blobs.size(digest));
      assertArrayEquals(bytes, read(digest));
      assertArrayEquals(bytes, blobs.read(digest, length));
    }
  }

  @Test
  void itIsThereAfterTheFlushToo() throws IOException {
    Digest small = blobs.put(noise(1, 100));
    Digest large = blobs.put(noise(2, 2 << 20));
    Digest record = blobs.putMetadata(noise(3, 100));
    blobs.flush();
    Digest later = blobs.put(noise(4, 100));
    blobs.flush();
    for (Digest each : List.of(small, large, record, later)) {
      assertEquals(each, Digest.of(read(each)));
    }
  }

  @Test
  void allWaysOfPuttingGiveTheSameDigest() throws IOException {
    byte[] bytes = noise(5, 700_000);
    assertEquals(blobs.put(bytes), blobs.put(new ByteArrayInputStream(bytes)));
    assertEquals(blobs.put(bytes), blobs.putMetadata(bytes));
    assertEquals(blobs.put(bytes), blobs.putVerbatim(new ByteArrayInputStream(bytes)));
  }

  @Test
  void theCallerMayChangeTheArrayAfterwards() throws IOException {
    byte[] bytes = noise(6, 1000);
    Digest digest = blobs.put(bytes);
    Arrays.fill(bytes, (byte) 0);
    assertArrayEquals(noise(6, 1000), read(digest));
  }

  @Test
  void aMissingBlobIsNamed() throws IOException {
    Digest digest = Digest.of(noise(7, 10));
    assertFalse(blobs.has(digest));
    StoreException.MissingBlob missing =
        assertThrows(StoreException.MissingBlob.class, () -> blobs.open(digest));
    assertEquals(digest, missing.digest());
    assertThrows(StoreException.MissingBlob.class, () -> blobs.size(digest));
    assertThrows(StoreException.MissingBlob.class, () -> blobs.chunks(digest));
    assertThrows(StoreException.MissingBlob.class, () -> blobs.frame(digest));
    assertThrows(StoreException.MissingBlob.class, () -> blobs.read(digest, 10));
    assertThrows(
        StoreException.MissingBlob.class,
        () -> blobs.putStitched(Digest.of(new byte[1]), 10, List.of(digest)));
  }

  @Test
  void moreThanTheLimitIsNotRead() throws IOException {
    Digest digest = blobs.put(noise(8, 1001));
    assertThrows(IOException.class, () -> blobs.read(digest, 1000));
    assertEquals(1001, blobs.read(digest, 1001).length);
  }

  @Test
  void chunksInARowAreTheBlob() throws IOException {
    for (int length : new int[] {0, 10, 5 << 20}) {
      byte[] bytes = noise(9, length);
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      for (FrameStore.Chunk each : blobs.chunks(blobs.put(bytes))) {
        assertEquals(each.size(), blobs.size(each.digest()));
        joined.writeBytes(Frames.decode(blobs.frame(each.digest()), each.size()));
      }
      assertArrayEquals(bytes, joined.toByteArray());
    }
  }

  @Test
  void theCutDoesNotDependOnHowABlobCame() throws IOException {
    byte[] bytes = noise(10, 3 << 20);
    Digest digest = blobs.putVerbatim(new ByteArrayInputStream(bytes));
    List<FrameStore.Chunk> cutLater = blobs.chunks(digest);
    blobs.put(bytes);
    assertEquals(cutLater, blobs.chunks(digest));
    for (FrameStore.Chunk each : cutLater) {
      assertEquals(List.of(each), blobs.chunks(each.digest()), "a chunk is one chunk");
    }
  }

  @Test
  void verbatimBytesAreKept() throws IOException {
    for (int length : new int[] {0, 1, 300_000, 9 << 20}) {
      byte[] bytes = noise(11, length);
      Digest digest = blobs.putVerbatim(new ByteArrayInputStream(bytes));
      assertArrayEquals(bytes, read(digest));
      assertEquals(digest, blobs.putVerbatim(new ByteArrayInputStream(bytes)));
    }
    blobs.flush();
    assertArrayEquals(noise(11, 9 << 20), read(Digest.of(noise(11, 9 << 20))));
  }

  @Test
  void verbatimBytesThatAreNotTheBlobAreNotStored() throws IOException {
    for (int length : new int[] {0, 1000, 9 << 20}) {
      byte[] bytes = noise(17, length);
      Digest other = Digest.of(noise(18, 10));
      assertEquals(Digest.of(bytes), blobs.putVerbatim(new ByteArrayInputStream(bytes), other));
      assertFalse(blobs.has(Digest.of(bytes)));
      assertFalse(blobs.has(other));
      Digest digest = blobs.putVerbatim(new ByteArrayInputStream(bytes), Digest.of(bytes));
      assertArrayEquals(bytes, read(digest));
    }
    blobs.flush();
    assertArrayEquals(noise(17, 9 << 20), read(Digest.of(noise(17, 9 << 20))));
  }

  @Test
  void aStreamThatFailsLeavesTheRestAlone() throws IOException {
    Digest before = blobs.putVerbatim(new ByteArrayInputStream(noise(12, 5 << 20)));
    for (int good : new int[] {100, 300_000, 6 << 20}) {
      assertThrows(IOException.class, () -> blobs.putVerbatim(failingAfter(good)));
      assertThrows(IOException.class, () -> blobs.put(failingAfter(good)));
    }
    Digest after = blobs.putVerbatim(new ByteArrayInputStream(noise(13, 5 << 20)));
    blobs.flush();
    assertEquals(before, Digest.of(read(before)));
    assertEquals(after, Digest.of(read(after)));
  }

  private static InputStream failingAfter(int good) {
    return new java.io.SequenceInputStream(
        new ByteArrayInputStream(noise(14, good)),
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("planted");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return read();
          }
        });
  }

  @Test
  void stitchedIsTheFramesInARow() throws IOException {
    Digest one = blobs.put(noise(15, 1000));
    Digest two = blobs.put(new byte[50_000]);
    Digest foreign = blobs.putVerbatim(new ByteArrayInputStream(noise(16, 1000)));
    List<Digest> parts = List.of(one, two, one, foreign);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (Digest each : parts) {
      joined.writeBytes(blobs.frame(each));
    }
    byte[] bytes = joined.toByteArray();
    Digest stitched = Digest.of(bytes);
    assertThrows(
        IllegalArgumentException.class, () -> blobs.putStitched(stitched, bytes.length + 1, parts));
    blobs.putStitched(stitched, bytes.length, parts);
    assertEquals(bytes.length, blobs.size(stitched));
    assertArrayEquals(bytes, read(stitched));
    blobs.putStitched(stitched, bytes.length, parts);
    blobs.flush();
    assertArrayEquals(bytes, read(stitched));
  }

  @Test
  void severalThreadsPutTheSameAndDifferentThings() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<Digest>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int seed = i % 50;
      all.add(pool.submit(() -> blobs.put(noise(seed, seed * 10_000))));
      if (i == 100) {
        blobs.flush();
      }
    }
    for (int i = 0; i < all.size(); i++) {
      assertEquals(Digest.of(noise(i % 50, (i % 50) * 10_000)), all.get(i).get());
    }
    pool.shutdown();
    blobs.flush();
    for (Future<Digest> each : all) {
      assertEquals(each.get(), Digest.of(read(each.get())));
    }
  }
}
