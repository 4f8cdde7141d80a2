package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A repair that dies at any of its operations loses nothing that could be read before it. */
final class RepairCrashTest {
  private static final Because BECAUSE = new Because(Instant.EPOCH, "tester", "");
  private static final int LIMIT = 1 << 20;

  private final MemoryFilesystem start = new MemoryFilesystem();
  private final Map<Digest, byte[]> sound = new TreeMap<>();
  private final Map<Digest, byte[]> damaged = new TreeMap<>();

  @BeforeEach
  void damageOneOfTwoInOneSegment() throws IOException {
    try (DiskStore store = DiskStore.open(start, notice -> {});
        Transaction put = store.begin()) {
      byte[] first = Samples.text(1, 700);
      byte[] second = Samples.text(2, 900);
      damaged.put(put.putVerbatim(new ByteArrayInputStream(first)), first);
      sound.put(put.putVerbatim(new ByteArrayInputStream(second)), second);
      byte[] third = Samples.text(3, 150_000);
      sound.put(put.put(new ByteArrayInputStream(third)), third);
      put.flush();
    }
    for (RelPath each : start.list(Purpose.DIRECTORY)) {
      if (Purpose.of(each).orElseThrow() == Purpose.VERBATIM) {
        byte[] bytes = Samples.read(start, each);
        Samples.replace(start, each, Rot.flipped(bytes, SegmentFormat.HEADER + 100));
        start.sync(each);
      }
    }
    start.sync(Purpose.DIRECTORY);
  }

  @Test
  void nothingReadableIsLostWhereverItDies() {
    CrashSweep.Report report = sweep(files -> files);
    assertTrue(report.operations() > 15, report.toString());
  }

  @Test
  void theSweepSeesAMissingSync() {
    assertThrows(
        AssertionError.class,
        () ->
            sweep(
                files -> FaultyFilesystem.forgetting(files, Call.SYNC, Purpose.DIRECTORY::equals)),
        "the old one is removed before the new one's name is durable");
  }

  private CrashSweep.Report sweep(UnaryOperator<Filesystem> fault) {
    return new CrashSweep(start, 3)
        .<Boolean>run((files, said) -> repair(fault.apply(files), said), this::laws);
  }

  private static void repair(Filesystem files, Consumer<Boolean> said) throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      RepairReport report = store.repair(List.of(), BECAUSE);
      assertEquals(List.of(), report.after().findings());
    }
    said.accept(true);
  }

  private void laws(Filesystem files, List<Boolean> repaired) throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      requireAll(store, sound);
      if (!repaired.isEmpty()) {
        requireAll(store, damaged);
        assertEquals(List.of(), store.check().findings());
      }
    }
  }

  private static void requireAll(DiskStore store, Map<Digest, byte[]> blobs) throws IOException {
    for (Map.Entry<Digest, byte[]> each : blobs.entrySet()) {
      assertArrayEquals(each.getValue(), store.blobs().read(each.getKey(), LIMIT));
    }
  }
}
