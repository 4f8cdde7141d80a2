package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found, while segments come and go and rot. */
class LookupTest {
  private static final int LARGE = 400_000;

  private final MemoryFilesystem files = new MemoryFilesystem();

  private static byte[] text(int seed) {
    return Samples.text(seed, 500);
  }

  private static Digest put(Filesystem files, byte[] bytes) throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      Digest digest = put.put(bytes);
      put.flush();
      return digest;
    }
  }

  private static Digest putVerbatim(Filesystem files, byte[] bytes) throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      Digest digest = put.putVerbatim(new ByteArrayInputStream(bytes));
      put.flush();
      return digest;
    }
  }

  private RelPath segment(String purpose) throws IOException {
    return files.list(Purpose.DIRECTORY).stream()
        .filter(file -> file.name().startsWith(purpose))
        .findFirst()
        .orElseThrow();
  }

  /** As a collection that looks at no lease. */
  private void remove(RelPath segment) throws IOException {
    try (Gate gate = new Gate(files)) {
      gate.closedFor(
          () -> {
            files.delete(segment);
            return segment;
          });
    }
  }

  /** What is seen of a collection that moves a blob by one who was not looking meanwhile. */
  private RelPath replace(RelPath old, byte[] content) throws IOException {
    Set<RelPath> before = new TreeSet<>(files.list(Purpose.DIRECTORY));
    files.delete(old);
    put(files, content);
    Set<RelPath> after = new TreeSet<>(files.list(Purpose.DIRECTORY));
    after.removeAll(before);
    return after.iterator().next();
  }

  @Test
  void theSameContentStoredAgainGetsAnotherName() throws IOException {
    put(files, text(1));
    RelPath first = segment("content");
    files.delete(first);
    put(files, text(1));
    assertNotEquals(first, segment("content"));
  }

  @Test
  void hasSaysNoOnceTheSegmentIsGoneThoughItsFooterIsKnown() throws IOException {
    Digest digest = put(files, text(1));
    try (DiskBlobs blobs = Samples.open(files)) {
      assertTrue(blobs.reader().has(digest));
      files.delete(segment("content"));
      assertFalse(blobs.reader().has(digest));
    }
  }

  @Test
  void whatIsGoneIsStoredAgainByATransactionThatKnewIt() throws IOException {
    Digest digest = put(files, text(1));
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      put.put(text(1));
      remove(segment("content"));
      put.put(text(1));
      put.flush();
      assertTrue(blobs.reader().has(digest));
    }
  }

  @Test
  void aBlobThatWasMovedIsFoundAndReadAgain() throws IOException {
    Digest digest = put(files, text(1));
    try (DiskBlobs blobs = Samples.open(files)) {
      assertTrue(blobs.reader().has(digest));
      RelPath second = replace(segment("content"), text(1));
      assertArrayEquals(text(1), blobs.reader().read(digest, 1000));
      replace(second, text(1));
      assertArrayEquals(text(1), blobs.reader().read(digest, 1000));
    }
  }

  @Test
  void aStreamGoesOnWhereverItsChunksWereMoved() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = put(files, large);
    RelPath old = segment("content");
    try (DiskBlobs blobs = Samples.open(files);
        InputStream in = blobs.reader().open(digest)) {
      byte[] read = new byte[LARGE];
      assertEquals(1000, in.readNBytes(read, 0, 1000));
      closeWindows(blobs);
      replace(old, large);
      closeWindows(blobs);
      assertEquals(LARGE - 1000, in.readNBytes(read, 1000, LARGE - 1000));
      assertArrayEquals(large, read);
    }
  }

  @Test
  void aVerbatimBodyIsReadOnWhereItWasMoved() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = putVerbatim(files, large);
    RelPath old = segment("verbatim");
    try (DiskBlobs blobs = Samples.open(files);
        InputStream in = blobs.reader().open(digest)) {
      byte[] read = new byte[LARGE];
      assertEquals(1000, in.readNBytes(read, 0, 1000));
      files.delete(old);
      putVerbatim(files, large);
      closeWindows(blobs);
      assertEquals(LARGE - 1000, in.readNBytes(read, 1000, LARGE - 1000));
      assertArrayEquals(large, read);
    }
  }

  /** Opens so many other segments that those open before are closed. */
  private void closeWindows(DiskBlobs blobs) throws IOException {
    for (int i = 0; i < 150; i++) {
      assertTrue(blobs.reader().has(put(files, Samples.text(1000 + i, 10))));
    }
  }

  @Test
  void hasSaysNoToABlobWhoseChunksAreGoneAndPutBringsThemBack() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = put(files, large);
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      assertTrue(blobs.reader().has(digest));
      assertTrue(put.has(digest));
      remove(segment("content"));
      assertFalse(blobs.reader().has(digest));
      assertFalse(put.has(digest));
      put.put(new ByteArrayInputStream(large));
      assertTrue(put.has(digest));
      assertFalse(blobs.reader().has(digest), "before the flush");
      put.flush();
      assertTrue(blobs.reader().has(digest));
      assertArrayEquals(large, blobs.reader().read(digest, LARGE));
    }
  }

  @Test
  void aListWithoutPartsDoesNotKeepTheBlobFromBeingKeptVerbatim() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = put(files, large);
    files.delete(segment("content"));
    assertEquals(digest, putVerbatim(files, large));
    try (DiskBlobs blobs = Samples.open(files);
        InputStream in = blobs.reader().open(digest)) {
      assertTrue(blobs.reader().has(digest));
      assertArrayEquals(large, in.readAllBytes());
    }
  }

  @Test
  void aLayerWhoseFramesAreGoneIsNotThereAndCanBeStitchedAgain() throws IOException {
    Digest stitched;
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      stitched = Samples.put(put, 1).get(4);
      put.flush();
      assertTrue(blobs.reader().has(stitched));
      remove(segment("content"));
      assertFalse(blobs.reader().has(stitched));
      assertEquals(stitched, Samples.put(put, 1).get(4));
      put.flush();
      assertTrue(blobs.reader().has(stitched));
      try (InputStream in = blobs.reader().open(stitched)) {
        assertEquals(stitched, Digest.of(in.readAllBytes()));
      }
    }
  }

  /** Turns a bit of the first body of a segment. */
  private void damage(RelPath file) throws IOException {
    byte[] bad = Rot.flipped(Samples.read(files, file), SegmentFormat.HEADER + 10);
    Samples.replace(files, file, bad);
  }

  @Test
  void whatIsFoundDamagedIsHealedByStoringItAgain() throws IOException {
    Digest digest = put(files, text(1));
    damage(segment("content"));
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      assertThrows(StoreException.Corrupt.class, () -> blobs.reader().read(digest, 1000));
      assertFalse(blobs.reader().has(digest));
      assertThrows(
          StoreException.Corrupt.class, () -> blobs.reader().size(digest), "damaged, not missing");
      put.put(text(1));
      put.flush();
      assertArrayEquals(text(1), blobs.reader().read(digest, 1000));
    }
    try (DiskBlobs blobs = Samples.open(files)) {
      assertArrayEquals(text(1), blobs.reader().read(digest, 1000), "from the other copy");
    }
  }

  @Test
  void whatVerifyFoundDamagedIsHealedByStoringItAgain() throws IOException {
    Digest digest = put(files, text(1));
    damage(segment("content"));
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      assertEquals(1, Samples.check(blobs).findings().size());
      put.put(text(1));
      put.flush();
      assertTrue(blobs.reader().has(digest));
    }
  }

  @Test
  void aDamagedChunkIsReadFromAnotherCopyAndHealedByStoringTheBlobAgain() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = put(files, large);
    RelPath old = segment("content");
    damage(old);
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      assertThrows(StoreException.Corrupt.class, () -> blobs.reader().read(digest, LARGE));
      assertFalse(put.has(digest));
      put.put(new ByteArrayInputStream(large));
      put.flush();
      assertArrayEquals(large, blobs.reader().read(digest, LARGE));
    }
    try (DiskBlobs blobs = Samples.open(files);
        InputStream in = blobs.reader().open(digest)) {
      assertArrayEquals(large, in.readAllBytes());
    }
  }

  @Test
  void aDamagedChunkIsNoReasonToFailIfTheBlobIsAlsoThereVerbatim() throws IOException {
    byte[] large = Samples.text(1, LARGE);
    Digest digest = putVerbatim(files, large);
    put(files, large);
    damage(segment("content"));
    try (DiskBlobs blobs = Samples.open(files)) {
      assertArrayEquals(large, blobs.reader().read(digest, LARGE));
    }
  }

  @Test
  void aWrongChecksumAloneKeepsNobodyFromReading() throws IOException {
    Digest digest = put(files, text(1));
    RelPath file = segment("content");
    byte[] bytes = Samples.read(files, file);
    int entry = bytes.length - SegmentFormat.TRAILER - Entry.BYTES;
    Samples.replace(files, file, Rot.flipped(bytes, entry + 36));
    try (DiskBlobs blobs = Samples.open(files)) {
      assertArrayEquals(text(1), blobs.reader().read(digest, 1000));
    }
  }

  @Test
  void aFileCutUnderAReaderIsDamageAndNothingWorse(@TempDir Path home) throws IOException {
    Filesystem disk = new DiskFilesystem(home);
    List<Digest> digests = new ArrayList<>();
    try (DiskBlobs blobs = Samples.open(disk);
        Transaction put = blobs.begin()) {
      for (int i = 0; i < 2000; i++) {
        digests.add(put.put(Samples.text(i, 40)));
      }
      put.flush();
    }
    try (DiskBlobs blobs = Samples.open(disk)) {
      assertTrue(blobs.reader().has(digests.get(0)));
      cut(home.resolve(disk.list(Purpose.DIRECTORY).get(0).value()));
      for (Digest each : digests) {
        assertThrows(StoreException.Corrupt.class, () -> blobs.reader().read(each, 100));
      }
    }
  }

  private static void cut(Path file) throws IOException {
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(100);
    }
  }

  @Test
  void aMissInADirectoryAtRestListsNothing(@TempDir Path home) throws IOException {
    Filesystem disk = new DiskFilesystem(home, Clock.systemUTC());
    Digest held = put(disk, text(1));
    Path directory = home.resolve(Purpose.DIRECTORY.value());
    rest(directory, 10);
    int[] lists = {0};
    Filesystem watched =
        FaultyFilesystem.forgetting(disk, Call.LIST, path -> lists[0]++ == Integer.MIN_VALUE);
    try (DiskBlobs blobs = Samples.open(watched)) {
      Digest absent = Digest.of(text(2));
      assertFalse(blobs.reader().has(absent));
      int first = lists[0];
      for (int i = 0; i < 100; i++) {
        assertFalse(blobs.reader().has(absent));
        assertTrue(blobs.reader().has(held));
      }
      assertEquals(first, lists[0]);
      put(disk, text(2));
      assertTrue(blobs.reader().has(absent));
      rest(directory, 20);
      put(disk, text(3));
      assertTrue(blobs.reader().has(Digest.of(text(3))));
    }
  }

  private static void rest(Path directory, int secondsAgo) throws IOException {
    long now = Files.getLastModifiedTime(directory).toMillis();
    Files.setLastModifiedTime(directory, FileTime.fromMillis(now - secondsAgo * 1000L));
  }

  @Test
  void aDirectoryChangedJustNowHasNoVersion(@TempDir Path home) throws IOException {
    Filesystem disk = new DiskFilesystem(home, Clock.systemUTC());
    disk.makeDirectories(RelPath.of("d"));
    assertTrue(disk.version(RelPath.of("d")).isEmpty(), "the next change may look the same");
    rest(home.resolve("d"), 10);
    assertEquals(disk.version(RelPath.of("d")), disk.version(RelPath.of("d")));
    assertTrue(disk.version(RelPath.of("d")).isPresent());
    assertTrue(disk.version(RelPath.of("e")).isEmpty());
  }
}
