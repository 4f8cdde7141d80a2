package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.Collector;
import dev.imgstore.store.RepairReport;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A repair while a build goes on that has flushed, and made no generation yet. */
class RepairBesideBuildTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      collector.apply(collector.plan(Collector.Policy.ALL, OptionalLong.empty()), BECAUSE, CLOCK);
    }
  }

  /** One byte of the first body, which a repair can put right. */
  private static void damageAll(MemoryFilesystem disk) throws IOException {
    for (RelPath each : disk.list(Purpose.DIRECTORY)) {
      Rot.replace(disk, each, Rot.flipped(Rot.bytes(disk, each), SegmentFormat.HEADER + 20));
    }
  }

  @Test
  void whatABuildHasPublishedStaysItsOwn() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    try (DiskStore building = open(disk)) {
      Images.Built built = Images.build(building, 3000, 1, 2);
      damageAll(disk);
      try (DiskStore other = open(disk)) {
        RepairReport report = other.repair(List.of(), BECAUSE);
        assertTrue(report.notes().toString().contains("work that goes on"), report.toString());
      }
      collect(disk);
      Images.commit(building, "web", built);
    }
    try (DiskStore other = open(disk)) {
      assertEquals(List.of(), other.repair(List.of(), BECAUSE).after().findings());
    }
  }

  @Test
  void aRepairWhoseRenamesFailTakesNothingAway() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    try (DiskStore store = open(disk)) {
      Images.commit(store, "web", 3000, 1, 2);
    }
    damageAll(disk);
    List<RelPath> before = disk.list(Purpose.DIRECTORY);
    int[] seen = {0};
    Filesystem faulty =
        FaultyFilesystem.failing(
            disk, Call.MOVE, path -> Purpose.of(path).isPresent() && ++seen[0] == 2);
    try (DiskStore store = open(faulty)) {
      assertThrows(IOException.class, () -> store.repair(List.of(), BECAUSE));
    }
    assertTrue(disk.list(Purpose.DIRECTORY).containsAll(before));
    assertTrue(disk.stat(RemovalLog.FILE).isEmpty());
    try (DiskStore store = open(disk)) {
      assertEquals(List.of(), store.repair(List.of(), BECAUSE).after().findings());
    }
  }
}
