package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A segment of which something can go has one damaged body: it stays, and nothing is gained. */
class DamagedCollectionTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static long bytes(MemoryFilesystem disk) throws IOException {
    long bytes = 0;
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      bytes += Fates.onDisk(disk.stat(each).orElseThrow().size());
    }
    return bytes;
  }

  @Test
  void aSegmentThatStaysForItsDamageIsNotCopiedEachTime() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    try (DiskStore store = DiskStore.open(disk, notice -> {})) {
      Images.Built first = Images.build(store, 100_000, 1, 2, 5, 6, 7);
      Images.commit(store, "web", first);
      Images.commit(store, "web", 100_000, 1, 5, 6);
    }
    byte[] digest = dev.imgstore.model.Digest.of(Samples.text(1, 100_001)).raw();
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      byte[] bytes = Rot.bytes(disk, each);
      java.nio.ByteBuffer end = java.nio.ByteBuffer.wrap(bytes, bytes.length - 64, 64).slice();
      int at = (int) end.getLong(0);
      for (int i = 0; i < end.getLong(8) && each.name().startsWith("content-"); i++, at += 64) {
        if (java.util.Arrays.equals(digest, java.util.Arrays.copyOfRange(bytes, at, at + 32))) {
          bytes[(int) java.nio.ByteBuffer.wrap(bytes).getLong(at + 40) + 20] ^= 1;
          Rot.replace(disk, each, bytes);
        }
      }
    }
    long before = bytes(disk);
    for (int i = 0; i < 4; i++) {
      try (DiskStore store = DiskStore.open(disk, notice -> {});
          Collector collector = store.collector()) {
        var plan = collector.plan(keep(store, 1), OptionalLong.empty());
        CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
        assertEquals(1, report.kept().size());
        if (i > 0) {
          assertEquals(0, report.written());
        }
      }
    }
    assertTrue(bytes(disk) <= before, "it grew");
  }
}
