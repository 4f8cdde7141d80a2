package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class BlobIndexTest {
  /** Every segment is merged at once. */
  private static final SegmentDirectory.Limits ALWAYS = new SegmentDirectory.Limits(0, 0);

  private static final SegmentDirectory.Limits NEVER =
      new SegmentDirectory.Limits(1 << 20, 1 << 20);

  private final MemoryFilesystem files = new MemoryFilesystem();

  private static DiskBlobs open(Filesystem files, SegmentDirectory.Limits limits)
      throws IOException {
    Samples.open(files).close();
    return new DiskBlobs(files, limits);
  }

  private static byte[] content(int seed) {
    return Samples.text(seed, 100);
  }

  /** A segment for each. */
  private static List<Digest> put(
      Filesystem files, SegmentDirectory.Limits limits, int from, int to) throws IOException {
    List<Digest> digests = new ArrayList<>();
    try (DiskBlobs blobs = open(files, limits);
        Transaction put = blobs.begin()) {
      for (int i = from; i < to; i++) {
        digests.add(put.put(content(i)));
        put.flush();
      }
    }
    return digests;
  }

  private void assertAllIsFound(List<Digest> digests) throws IOException {
    try (DiskBlobs blobs = open(files, NEVER)) {
      for (int i = 0; i < digests.size(); i++) {
        assertTrue(blobs.reader().has(digests.get(i)));
        assertArrayEquals(content(i), blobs.reader().read(digests.get(i), 1000));
      }
      assertFalse(blobs.reader().has(Digest.of(content(-1))));
      assertThrows(
          StoreException.MissingBlob.class, () -> blobs.reader().size(Digest.of(content(-2))));
    }
  }

  private int covered() throws IOException {
    try (BlobIndex index = BlobIndex.open(files)) {
      return index.segments();
    }
  }

  @Test
  void aWriterMergesWhatIsTooMuch() throws IOException {
    SegmentDirectory.Limits limits = new SegmentDirectory.Limits(3, 100);
    put(files, limits, 0, 3);
    assertTrue(files.stat(BlobIndex.FILE).isEmpty());
    put(files, limits, 3, 4);
    assertEquals(4, covered());
    put(files, limits, 4, 9);
    assertEquals(8, covered());
    List<Digest> all = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      all.add(Digest.of(content(i)));
    }
    assertAllIsFound(all);
  }

  @Test
  void aReaderThatFindsTooMuchMergesIt() throws IOException {
    List<Digest> digests = put(files, NEVER, 0, 5);
    try (DiskBlobs blobs = open(files, new SegmentDirectory.Limits(1, 4))) {
      assertTrue(blobs.reader().has(digests.get(0)));
    }
    assertEquals(5, covered());
  }

  @Test
  void whatIsCoveredIsFoundWithoutListingOrOtherFooters() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 20);
    List<String> calls = new ArrayList<>();
    Filesystem watched =
        FaultyFilesystem.forgetting(
            FaultyFilesystem.forgetting(files, Call.LIST, path -> !calls.add("list " + path)),
            Call.OPEN,
            path -> !calls.add("open " + path.parent()));
    try (DiskBlobs blobs = new DiskBlobs(watched, ALWAYS);
        Transaction put = blobs.begin()) {
      assertTrue(blobs.reader().has(digests.get(7)));
      assertEquals(digests.get(7), put.put(content(7)));
      put.flush();
      assertFalse(calls.contains("list segments"), calls.toString());
      assertEquals(1, Collections.frequency(calls, "open index"));
      assertEquals(1, Collections.frequency(calls, "open segments"));
    }
  }

  @Test
  void everyFlippedByteOfAnIndexChangesNoAnswer() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 3);
    byte[] good = Samples.read(files, BlobIndex.FILE);
    for (int at = 0; at < good.length; at++) {
      Samples.replace(files, BlobIndex.FILE, Rot.flipped(good, at));
      assertAllIsFound(digests);
    }
  }

  @Test
  void aDamagedIndexIsNotOpenedAgainAndAgain() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 9);
    Samples.replace(files, BlobIndex.FILE, Rot.flipped(Samples.read(files, BlobIndex.FILE), 100));
    try (DiskBlobs blobs = open(files, new SegmentDirectory.Limits(2, 1000))) {
      for (Digest each : digests) {
        assertTrue(blobs.reader().has(each));
      }
      assertFalse(blobs.reader().has(Digest.of(content(-1))));
      assertEquals(9, covered(), "nobody has written it");
    }
    put(files, new SegmentDirectory.Limits(2, 1000), 9, 10);
    try (BlobIndex index = BlobIndex.open(files)) {
      index.all((prefix, segment, entry) -> true);
      assertEquals(10, index.segments());
    }
  }

  @Test
  void anIndexCutAnywhereChangesNoAnswer() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 3);
    byte[] good = Samples.read(files, BlobIndex.FILE);
    for (int length = 0; length < good.length; length += 61) {
      Samples.replace(files, BlobIndex.FILE, Arrays.copyOf(good, length));
      assertAllIsFound(digests);
    }
    files.delete(BlobIndex.FILE);
    assertAllIsFound(digests);
  }

  @Test
  void theIndexOfAnotherStoreChangesNoAnswer() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 5);
    MemoryFilesystem other = new MemoryFilesystem();
    put(other, ALWAYS, 3, 20);
    Samples.replace(files, BlobIndex.FILE, Samples.read(other, BlobIndex.FILE));
    assertAllIsFound(digests);
  }

  @Test
  void anOldIndexChangesNoAnswer() throws IOException {
    List<Digest> digests = new ArrayList<>(put(files, ALWAYS, 0, 5));
    byte[] old = Samples.read(files, BlobIndex.FILE);
    for (RelPath each : files.list(Purpose.DIRECTORY).subList(0, 3)) {
      files.delete(each);
    }
    put(files, ALWAYS, 0, 8);
    digests.addAll(List.of(Digest.of(content(5)), Digest.of(content(6)), Digest.of(content(7))));
    Samples.replace(files, BlobIndex.FILE, old);
    assertAllIsFound(digests);
  }

  /** Whoever can write it can also remove segments; even so, nothing is lost. */
  @Test
  void anIndexThatHidesBlobsKeepsNobodyFromReadingThem() throws IOException {
    List<Digest> digests = put(files, ALWAYS, 0, 3);
    int segments = covered();
    ByteBuffer tables = ByteBuffer.allocate(segments * IndexFormat.SEGMENT);
    files.list(Purpose.DIRECTORY).forEach(each -> tables.put(IndexFormat.segment(each)));
    tables.flip();
    ByteBuffer header = new IndexFormat.Header(segments, 0, 0, BlobIndex.checksum(tables)).bytes();
    files.delete(BlobIndex.FILE);
    try (OutputStream out = files.create(BlobIndex.FILE)) {
      out.write(bytes(tables));
      out.write(bytes(header));
    }
    try (DiskBlobs blobs = open(files, NEVER)) {
      assertFalse(blobs.reader().has(digests.get(0)), "as it says");
      assertArrayEquals(content(1), blobs.reader().read(digests.get(1), 1000));
      assertTrue(blobs.reader().has(digests.get(0)), "it is not believed any more");
    }
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.duplicate().get(bytes);
    return bytes;
  }

  @Test
  void aReaderGoesOnWhenTheIndexIsReplaced() throws IOException {
    List<Digest> first = put(files, ALWAYS, 0, 3);
    try (DiskBlobs blobs = open(files, NEVER)) {
      assertTrue(blobs.reader().has(first.get(0)));
      List<Digest> second = put(files, ALWAYS, 3, 6);
      for (int i = 0; i < 3; i++) {
        assertTrue(blobs.reader().has(first.get(i)));
        assertTrue(blobs.reader().has(second.get(i)));
      }
    }
  }

  @Test
  void whatIsGoneLeavesTheIndex() throws IOException {
    put(files, ALWAYS, 0, 10);
    for (RelPath each : files.list(Purpose.DIRECTORY).subList(0, 7)) {
      files.delete(each);
    }
    put(files, ALWAYS, 10, 11);
    assertEquals(4, covered());
    try (BlobIndex index = BlobIndex.open(files)) {
      assertEquals(4, index.entries());
    }
  }

  @Test
  void aSegmentThatCannotBeReadStaysUncoveredAndIsNotTriedForEver() throws IOException {
    List<Digest> digests = put(files, NEVER, 0, 3);
    RelPath bad = files.list(Purpose.DIRECTORY).get(0);
    Samples.replace(files, bad, new byte[200]);
    try (DiskBlobs blobs = open(files, ALWAYS)) {
      blobs.reindex();
      assertEquals(2, covered());
      int corrupt = 0;
      for (Digest each : digests) {
        try {
          blobs.reader().size(each);
        } catch (StoreException.Corrupt e) {
          assertTrue(String.valueOf(e.getMessage()).contains(bad.value()));
          corrupt++;
        }
      }
      assertEquals(1, corrupt);
    }
  }

  @Test
  void anIndexThatCannotBeWrittenStopsNobody() throws IOException {
    int stored = 0;
    for (Call call : List.of(Call.CREATE, Call.WRITE, Call.MOVE, Call.MAKE_DIRECTORIES)) {
      for (int nth = 1; nth < 12; nth++) {
        MemoryFilesystem disk = new MemoryFilesystem();
        Samples.open(disk).close();
        Filesystem faulty = FaultyFilesystem.failing(disk, call, nth);
        if (isStored(faulty)) {
          stored++;
          assertEquals(1, disk.list(Purpose.DIRECTORY).size());
          assertTrue(disk.list(RelPath.of("tmp")).size() <= 1, "nothing is left behind");
        }
      }
    }
    assertTrue(stored > 10, "some failed only after what matters");
  }

  /** False if the fault is in what matters, and is said. */
  private static boolean isStored(Filesystem faulty) throws IOException {
    try (DiskBlobs blobs = new DiskBlobs(faulty, ALWAYS);
        Transaction put = blobs.begin()) {
      Digest digest;
      try {
        digest = put.put(content(1));
        put.flush();
      } catch (IOException e) {
        return false;
      }
      return blobs.reader().has(digest);
    }
  }

  @Test
  void reindexGivesTheSameBytesAsMerging() throws IOException {
    put(files, ALWAYS, 0, 30);
    byte[] merged = Samples.read(files, BlobIndex.FILE);
    files.delete(BlobIndex.FILE);
    try (DiskBlobs blobs = open(files, NEVER)) {
      blobs.reindex();
    }
    assertArrayEquals(merged, Samples.read(files, BlobIndex.FILE));
  }

  @Test
  void moreEntriesThanAPageHoldsAreFound() throws IOException {
    List<Digest> digests = new ArrayList<>();
    try (DiskBlobs blobs = open(files, ALWAYS);
        Transaction put = blobs.begin()) {
      for (int i = 0; i < 2000; i++) {
        digests.add(put.put(content(i)));
        if (i % 300 == 0) {
          put.flush();
        }
      }
      put.flush();
    }
    try (BlobIndex index = BlobIndex.open(files)) {
      assertEquals(2000, index.entries());
    }
    assertAllIsFound(digests);
  }

  @Test
  void whateverTheMomentOfTheCrashTheIndexChangesNoAnswer() {
    CrashSweep.Report report =
        new CrashSweep(new MemoryFilesystem(), 3)
            .run(
                (Filesystem files, Consumer<Digest> acknowledged) -> {
                  try (DiskBlobs blobs = open(files, ALWAYS);
                      Transaction put = blobs.begin()) {
                    for (int i = 0; i < 3; i++) {
                      Digest digest = put.put(content(i));
                      put.flush();
                      acknowledged.accept(digest);
                    }
                    blobs.reindex();
                  }
                },
                (Filesystem files, List<Digest> acknowledged) -> {
                  try (DiskBlobs blobs = open(files, NEVER)) {
                    for (Digest each : acknowledged) {
                      assertTrue(blobs.reader().has(each));
                      assertEquals(100, blobs.reader().read(each, 1000).length);
                    }
                    assertEquals(List.of(), Samples.check(blobs).findings());
                  }
                });
    assertTrue(report.operations() > 40, report.toString());
  }
}
