package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.store.Collector;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Two collections while one build goes on that has flushed and not yet committed. */
class TwoCollectionsTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Collector collector = store.collector()) {
      collector.apply(collector.plan(Collector.Policy.ALL, OptionalLong.empty()), BECAUSE, CLOCK);
    }
  }

  @Test
  void whatABuildHasFlushedSurvivesTwoCollections() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    for (int i = 0; i < Fates.MANY; i++) {
      try (DiskStore store = DiskStore.open(disk, notice -> {})) {
        Images.commit(store, "p" + i, 3000, 100 + i);
      }
    }
    try (DiskStore building = DiskStore.open(disk, notice -> {})) {
      Images.Built built = Images.build(building, 3000, 1, 2);
      collect(disk); // merges small segments, the build's among them
      collect(disk);
      Images.commit(building, "x", built);
      assertEquals(List.of(), building.check().findings());
    }
  }
}
