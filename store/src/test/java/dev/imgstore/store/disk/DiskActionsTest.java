package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import dev.imgstore.testkit.ActionsContract;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryBlobStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DiskActionsTest extends ActionsContract {
  private static final ActionKey KEY = new ActionKey(digest("key"));
  private static final RelPath FILE =
      RelPath.of("actions", KEY.digest().hex().substring(0, 2), KEY.digest().hex());
  private final MemoryFilesystem files = new MemoryFilesystem();
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  @Override
  protected Actions actions(BlobReader present) {
    return new DiskActions(files, present);
  }

  @Test
  void anyFlippedByteMakesAMissAndTheNextRecordPutsItRight() throws IOException {
    Actions actions = actions(blobs);
    Digest result = blobs.put(new byte[] {1});
    actions.record(KEY, result);
    byte[] bytes = Rot.bytes(files, FILE);
    for (int i = 0; i < bytes.length; i++) {
      Rot.replace(files, FILE, Rot.flipped(bytes, i));
      assertEquals(Optional.empty(), actions.find(KEY), "byte " + i);
    }
    actions.record(KEY, result);
    assertEquals(Optional.of(result), actions.find(KEY));
  }

  @Test
  void aRecordUnderAnotherKeyIsAMiss() throws IOException {
    Digest result = blobs.put(new byte[] {1});
    actions(blobs).record(KEY, result);
    ActionKey other = new ActionKey(digest("other"));
    actions(blobs).record(other, result);
    String hex = other.digest().hex();
    RelPath place = RelPath.of("actions", hex.substring(0, 2), hex);
    Rot.replace(files, place, Rot.bytes(files, FILE));
    assertEquals(Optional.empty(), actions(blobs).find(other));
  }

  @Test
  void aRecordThatTheDiskCannotReadIsAMiss() throws IOException {
    Digest result = blobs.put(new byte[] {1});
    actions(blobs).record(KEY, result);
    Filesystem faulty = FaultyFilesystem.failing(files, Call.READ, 1);
    Actions actions = new DiskActions(faulty, blobs);
    assertEquals(Optional.empty(), actions.find(KEY));
    assertEquals(Optional.of(result), actions.find(KEY));
  }

  @Test
  void recordingSyncsNoFile() throws IOException {
    CrashFilesystem counting = new CrashFilesystem(files);
    new DiskActions(counting, blobs).record(KEY, digest("result"));
    assertFalse(
        counting.operations().stream().anyMatch(each -> each.startsWith("SYNC")),
        counting.operations().toString());
  }

  @Test
  void afterACrashARecordIsRightOrAMiss() throws IOException {
    List<Digest> results = List.of(blobs.put(new byte[] {1}), blobs.put(new byte[] {2}));
    CrashSweep.Report report =
        new CrashSweep()
            .<Digest>run(
                (disk, acknowledged) -> {
                  for (Digest result : results) {
                    new DiskActions(disk, blobs).record(KEY, result);
                  }
                },
                (disk, acknowledged) -> {
                  Optional<Digest> found = new DiskActions(disk, blobs).find(KEY);
                  assertTrue(found.isEmpty() || results.contains(found.get()));
                });
    assertTrue(report.operations() > 6, report.toString());
  }

  @Test
  void manyThreadsRecordingOneKeyLoseNoResult() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] content = {(byte) i};
      Thread thread =
          new Thread(
              () -> {
                try {
                  actions(blobs).record(KEY, Digest.of(content));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Digest last = blobs.put(new byte[] {3});
    assertEquals(Optional.of(last), actions(blobs).find(KEY));
  }

  @Test
  void aStepThatNeverGivesTheSameTwiceDoesNotFillTheDisk() throws IOException {
    for (int i = 0; i < 200; i++) {
      actions(blobs).record(KEY, digest("result " + i));
    }
    assertTrue(Rot.bytes(files, FILE).length < 6000);
  }
}
