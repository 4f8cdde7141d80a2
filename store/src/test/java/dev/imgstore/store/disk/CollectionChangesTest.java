package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MeddlingFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a collection makes of what changed since it looked, and what it says of it. */
class CollectionChangesTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  private static void collect(DiskStore store) throws IOException {
    try (Collector collector = store.collector()) {
      collector.apply(collector.plan(Collector.Policy.ALL, OptionalLong.empty()), BECAUSE, CLOCK);
    }
  }

  @Test
  void whatWasRolledBackFromSinceAPlanIsKeptAndNamed() throws IOException {
    try (DiskStore store = open(new MemoryFilesystem())) {
      for (int i = 1; i <= 3; i++) {
        Images.commit(store, "web", 3000, i);
      }
      CollectPlan plan;
      try (Collector collector = store.collector()) {
        plan = collector.plan(keep(store, 1), OptionalLong.empty());
      }
      assertEquals(2, plan.drops().size());
      store.profiles().makeCurrent("web", 3, 2, Switch.Kind.SWITCH, BECAUSE);
      store.profiles().makeCurrent("web", 2, 3, Switch.Kind.ROLLBACK, BECAUSE);
      try (Collector collector = store.collector()) {
        CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
        assertEquals(
            List.of("web@2 was rolled back from, and nothing was built since"), report.changes());
      }
      assertEquals(3, store.profiles().open("web").orElseThrow().generations().size());
      StoreException kept =
          assertThrows(
              StoreException.Kept.class, () -> store.profiles().drop("web", Set.of(1, 2), BECAUSE));
      assertTrue(String.valueOf(kept.getMessage()).contains("web@2 was rolled back from"));
      Images.commit(store, "web", 3000, 4);
      store.profiles().drop("web", Set.of(1, 2), BECAUSE);
    }
  }

  /** An entry is replaced by one as long: by a writer that cut what another had left unsealed. */
  @Test
  void rootsAreReadAgainIfTheJournalIsAnotherOfTheSameLength() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    MemoryFilesystem other = new MemoryFilesystem();
    for (MemoryFilesystem each : List.of(disk, other)) {
      try (DiskStore store = open(each)) {
        Images.commit(store, each == disk ? "aaa" : "bbb", 3000, 1);
      }
    }
    try (DiskStore store = open(disk);
        DiskBlobs blobs = new DiskBlobs(disk)) {
      Survey survey = blobs.survey(store.roots());
      survey.mark(survey.roots());
      assertFalse(survey.catchUp());
      byte[] bytes = Rot.bytes(other, DiskJournal.FILE);
      assertEquals(Rot.bytes(disk, DiskJournal.FILE).length, bytes.length);
      Rot.replace(disk, DiskJournal.FILE, bytes);
      assertTrue(survey.catchUp());
      assertEquals("bbb@1", survey.roots().get(0).label());
    }
  }

  @Test
  void whatALeasedRecordOfALaterFormatMentionsStays() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    Digest named;
    Digest record;
    try (DiskStore store = open(disk);
        Transaction put = store.begin()) {
      named = put.putMetadata("what it names".getBytes(StandardCharsets.UTF_8));
      record =
          put.putMetadata(
              ("{\"format\":99,\"all\":[\"" + named + "\"]}").getBytes(StandardCharsets.UTF_8));
      put.flush();
    }
    try (DiskStore building = open(disk);
        DiskStore store = open(disk)) {
      assertTrue(building.lease(record));
      collect(store);
      assertTrue(building.blobs().has(record));
      assertTrue(building.blobs().has(named));
    }
  }

  @Test
  void aBlobThatLiesTwiceIsCountedOnce() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    byte[] bytes = Samples.text(1, 3000);
    try (DiskStore one = open(disk);
        DiskStore two = open(disk);
        Transaction first = one.begin();
        Transaction second = two.begin()) {
      first.putMetadata(bytes);
      second.putMetadata(bytes);
      first.flush();
      second.flush();
    }
    try (DiskStore store = open(disk);
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(Collector.Policy.ALL, OptionalLong.empty());
      assertEquals(2, plan.segments().size());
      assertEquals(1, plan.blobs());
    }
  }

  @Test
  void aDamagedIndexIsNamedAndMadeAnew() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    try (DiskStore store = open(disk)) {
      Images.commit(store, "web", 3000, 1, 2);
      store.reindex();
      assertEquals(List.of(), store.check().findings());
      byte[] good = Rot.bytes(disk, BlobIndex.FILE);
      for (int at = 0; at < good.length; at += 97) {
        Rot.replace(disk, BlobIndex.FILE, Rot.flipped(good, at));
        List<Finding> findings = store.check().findings();
        assertEquals(List.of("index/blobs"), findings.stream().map(Finding::file).toList());
      }
      var report = store.repair(List.of(), BECAUSE);
      assertEquals("index/blobs", report.mended().get(0).file());
      assertEquals(List.of(), report.after().findings());
      assertEquals(good.length, Rot.bytes(disk, BlobIndex.FILE).length);
    }
  }

  /** A segment that goes at any moment of a merge, or the new index before it is opened. */
  @Test
  void whoMeetsWhatWasJustRemovedMergesTheNextTime() throws IOException {
    SegmentDirectory.Limits limits = new SegmentDirectory.Limits(4, 8);
    for (int when = 1; when < 40; when++) {
      MemoryFilesystem disk = new MemoryFilesystem();
      for (int i = 0; i < 6; i++) {
        put(disk, i);
      }
      boolean index = when % 2 == 0;
      MeddlingFilesystem meddled =
          new MeddlingFilesystem(
              disk,
              when,
              () -> index ? isRemoved(disk, BlobIndex.FILE) : isRemoved(disk, last(disk)));
      try (DiskBlobs blobs = new DiskBlobs(meddled, limits)) {
        blobs.tidy();
        blobs.segments().refresh();
        for (int i = 10; i < 20; i++) {
          put(disk, i);
        }
        blobs.segments().refresh();
        blobs.tidy();
        assertTrue(disk.stat(BlobIndex.FILE).isPresent(), "removed at call " + when);
        try (BlobIndex now = BlobIndex.open(disk)) {
          assertTrue(now.segments() >= 10, "removed at call " + when);
        }
      }
    }
  }

  private static void put(MemoryFilesystem disk, int seed) throws IOException {
    try (DiskStore store = open(disk);
        Transaction put = store.begin()) {
      put.putMetadata(Samples.text(seed, 300));
      put.flush();
    }
  }

  private static RelPath last(MemoryFilesystem disk) {
    try {
      List<RelPath> all = disk.list(Purpose.DIRECTORY);
      return all.get(all.size() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isRemoved(MemoryFilesystem disk, RelPath file) {
    try {
      boolean there = disk.stat(file).isPresent();
      if (there) {
        disk.delete(file);
      }
      return there;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
