package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Dies at every operation of making a store, putting and flushing twice. */
class BlobCrashTest {
  private static final RelPath TMP = RelPath.of("tmp");

  private static CrashSweep sweep(int seeds) {
    return new CrashSweep(new MemoryFilesystem(), seeds);
  }

  private static void putTwice(Filesystem files, Consumer<Digest> acknowledged) throws IOException {
    try (DiskBlobs blobs = Samples.open(files);
        Transaction put = blobs.begin()) {
      for (int seed = 0; seed < 20; seed += 10) {
        List<Digest> digests = Samples.put(put, seed);
        put.flush();
        digests.forEach(acknowledged);
      }
    }
  }

  private static void laws(Filesystem files, List<Digest> acknowledged) throws IOException {
    try (DiskBlobs blobs = Samples.open(files)) {
      for (Digest each : acknowledged) {
        try (InputStream in = blobs.reader().open(each)) {
          assertEquals(each, Digest.of(in.readAllBytes()));
        }
      }
      assertEquals(List.of(), Samples.check(blobs).findings());
    }
  }

  @Test
  void whateverTheMomentOfTheCrashTheLawsHold() {
    CrashSweep.Report report = sweep(3).run(BlobCrashTest::putTwice, BlobCrashTest::laws);
    assertTrue(report.operations() > 40, report.toString());
  }

  @Test
  void theNextWriterRemovesWhatADeadOneLeft() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    DiskBlobs dead = Samples.open(disk);
    Samples.put(dead.begin(), 1);
    MemoryFilesystem left = disk.afterKill();
    assertEquals(2, left.list(TMP).size(), "its files and the lock");
    try (DiskBlobs living = Samples.open(left);
        DiskBlobs other = Samples.open(left)) {
      Samples.put(living.begin(), 2);
      Samples.put(other.begin(), 2);
      assertEquals(List.of(TMP.child("lock"), TMP.child("w1"), TMP.child("w2")), left.list(TMP));
      assertEquals(4, left.list(TMP.child("w1")).size(), "what the living write stays");
    }
    assertEquals(List.of(TMP.child("lock")), left.list(TMP));
  }

  private static void withoutSyncOf(Predicate<RelPath> forgotten) {
    AssertionError failed =
        assertThrows(
            AssertionError.class,
            () ->
                sweep(12)
                    .run(
                        (Filesystem files, Consumer<Digest> acknowledged) ->
                            putTwice(
                                FaultyFilesystem.forgetting(files, Call.SYNC, forgotten),
                                acknowledged),
                        BlobCrashTest::laws));
    assertTrue(String.valueOf(failed.getMessage()).contains("power cut"));
  }

  @Test
  void withoutTheSyncOfTheDirectoryNamesAreLost() {
    withoutSyncOf(path -> path.equals(Purpose.DIRECTORY));
  }

  @Test
  void withoutTheSyncOfAFileItsBytesAreLost() {
    withoutSyncOf(path -> path.value().startsWith("tmp/w"));
  }

  @Test
  void withoutTheSyncOfTheRootADirectoryFoundThereIsLost() {
    withoutSyncOf(RelPath::isRoot);
  }

  /** Each flush moves content, syncs, moves metadata, syncs: here the first sync is left out. */
  @Test
  void listsAndTreesWaitForWhatTheyName() {
    assertThrows(
        AssertionError.class,
        () ->
            sweep(12)
                .run(
                    (Filesystem files, Consumer<Digest> acknowledged) -> {
                      int[] syncs = {0};
                      putTwice(
                          FaultyFilesystem.forgetting(
                              files,
                              Call.SYNC,
                              path -> path.equals(Purpose.DIRECTORY) && syncs[0]++ % 2 == 0),
                          acknowledged);
                    },
                    BlobCrashTest::laws));
  }
}
