package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What goes, what stays, and what is said about it. */
class CollectionTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);
  private static final int LENGTH = 20_000;
  private final MemoryFilesystem files = new MemoryFilesystem();

  private DiskStore open() throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  /** By a process that is through. */
  private Generation made(String profile, int length, int... seeds) throws IOException {
    try (DiskStore store = open()) {
      return Images.commit(store, profile, length, seeds);
    }
  }

  private static CollectReport collect(DiskStore store, Collector.Policy policy)
      throws IOException {
    try (Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(policy, OptionalLong.empty());
      CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
      assertEquals(plan.bytes().freed(), report.freed(), "the plan was exact");
      return report;
    }
  }

  private static CollectPlan plan(DiskStore store, Collector.Policy policy) throws IOException {
    try (Collector collector = store.collector()) {
      return collector.plan(policy, OptionalLong.empty());
    }
  }

  private static List<Integer> numbers(DiskStore store, String name) throws IOException {
    Profile profile = store.profiles().open(name).orElseThrow();
    return profile.generations().stream().map(each -> each.number()).toList();
  }

  private long onDisk() throws IOException {
    long bytes = 0;
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      bytes += Fates.onDisk(files.stat(each).orElseThrow().size());
    }
    return bytes;
  }

  @Test
  void whatNoGenerationNeedsGoesAndTheRestIsWell() throws IOException {
    try (DiskStore store = open()) {
      for (int i = 1; i <= 10; i++) {
        made("web", LENGTH, 1, 2, 100 + i);
      }
      long before = onDisk();
      CollectReport report = collect(store, keep(store, 2));
      assertEquals(8, report.generations());
      assertEquals(List.of(9, 10), numbers(store, "web"));
      assertEquals(before - onDisk(), report.freed());
      assertTrue(report.freed() > before / 3, report + " of " + before);
      assertEquals(List.of(), store.check().findings());
      assertFalse(store.blobs().has(Digest.of(Samples.text(101, LENGTH + 101))));
      assertTrue(store.blobs().has(Digest.of(Samples.text(110, LENGTH + 110))));
      assertEquals("collection", store.journal().list().get(11).kind());
    }
    try (DiskStore store = open()) {
      assertEquals(List.of(), store.check().findings());
      CollectPlan again = plan(store, keep(store, 2));
      assertTrue(again.isEmpty(), "a second run finds nothing: " + again);
    }
  }

  @Test
  void aPlanChangesNothing() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      made("web", LENGTH, 2);
      List<RelPath> segments = files.list(Purpose.DIRECTORY);
      CollectPlan plan = plan(store, keep(store, 1));
      assertEquals(1, plan.drops().get(0).number());
      assertEquals("not kept by: keep 1", plan.drops().get(0).reason());
      assertTrue(plan.bytes().freed() > 0);
      assertEquals(segments, files.list(Purpose.DIRECTORY));
      assertEquals(2, store.journal().list().size());
    }
  }

  @Test
  void whatIsPinnedHeldGoodOrCurrentStays() throws IOException {
    try (DiskStore store = open()) {
      for (int i = 1; i <= 6; i++) {
        made("web", LENGTH, i);
      }
      var web = store.profiles().open("web").orElseThrow();
      store.roots().pin("deploy.yaml", web.generation(1).orElseThrow().image(), BECAUSE);
      store.roots().hold(web.generation(2).orElseThrow().image(), "legal", BECAUSE);
      store.roots().good("web", 3, BECAUSE);
      collect(store, keep(store, 1));
      assertEquals(List.of(1, 2, 3, 6), numbers(store, "web"));
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void whatARunningBuildWasToldOfStays() throws IOException {
    try (DiskStore store = open();
        DiskStore building = open()) {
      made("web", LENGTH, 1, 7);
      made("web", LENGTH, 2);
      Images.Built built = Images.build(building, LENGTH, 7, 8);
      collect(store, keep(store, 1));
      assertFalse(store.blobs().has(Digest.of(Samples.text(1, LENGTH + 1))));
      Images.commit(building, "other", built);
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void whatAClosedBuildDidNotCommitGoes() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      long before = onDisk();
      try (DiskStore building = open()) {
        Images.build(building, LENGTH, 1, 8);
      }
      assertTrue(onDisk() > before);
      collect(store, Collector.Policy.ALL);
      assertFalse(store.blobs().has(Digest.of(Samples.text(8, LENGTH + 8))));
      assertEquals(List.of(), store.check().findings());
      assertTrue(onDisk() <= before, before + " before, after " + onDisk());
    }
  }

  @Test
  void aLeasedRecordKeepsTheWholeBuild() throws IOException {
    Images.Built built;
    try (DiskStore building = open()) {
      built = Images.build(building, LENGTH, 1, 8);
    }
    try (DiskStore store = open();
        DiskStore other = open()) {
      made("web", LENGTH, 2);
      assertTrue(other.lease(built.record()));
      collect(store, Collector.Policy.ALL);
      Images.commit(other, "late", built);
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void whileOneCollectsAnotherIsTold() throws IOException {
    try (DiskStore store = open();
        Collector first = store.collector()) {
      assertThrows(StoreException.Locked.class, store::collector);
      assertTrue(first.plan(Collector.Policy.ALL, OptionalLong.empty()).isEmpty());
    }
  }

  @Test
  void somethingMissingStopsTheCollection() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      for (RelPath each : files.list(Purpose.DIRECTORY)) {
        if (Purpose.of(each).orElseThrow() == Purpose.VERBATIM) {
          files.delete(each);
        }
      }
    }
    try (DiskStore store = open()) {
      made("web", LENGTH, 2);
      List<RelPath> before = files.list(Purpose.DIRECTORY);
      StoreException.Corrupt refused =
          assertThrows(StoreException.Corrupt.class, () -> collect(store, Collector.Policy.ALL));
      assertEquals("web@1", String.valueOf(refused.getMessage()).substring(0, 5));
      assertEquals(before, files.list(Purpose.DIRECTORY));
      collect(store, keep(store, 1));
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void aDamagedBodyKeepsItsSegmentAndIsNamed() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1, 2, 3);
      made("web", LENGTH, 1);
    }
    RelPath content =
        files.list(Purpose.DIRECTORY).stream()
            .filter(each -> Purpose.of(each).orElseThrow() == Purpose.CONTENT)
            .findFirst()
            .orElseThrow();
    byte[] bytes = Samples.read(files, content);
    bytes[SegmentFormat.HEADER + 9] ^= 1; // in the file of seed 1, which is put first
    Samples.replace(files, content, bytes);
    try (DiskStore store = open();
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(keep(store, 1), OptionalLong.empty());
      CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
      assertEquals(List.of(content.value()), report.kept());
      assertEquals(content.value(), report.faults().get(0).file());
      assertTrue(files.stat(content).isPresent());
    }
  }

  @Test
  void theGoodOneOfTwoCopiesIsKept() throws IOException {
    try (DiskStore store = open();
        Transaction one = store.begin();
        Transaction other = store.begin()) {
      Images.Built built = Images.put(one, LENGTH, 1);
      Images.put(other, LENGTH, 1, 2, 3);
      one.flush();
      other.flush();
      Images.commit(store, "web", built);
    }
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      byte[] bytes = Samples.read(files, each);
      boolean larger = bytes.length > 1000 && Purpose.of(each).orElseThrow() == Purpose.CONTENT;
      if (larger && SegmentFormat.trailer(tail(bytes), bytes.length).count() == 1) {
        bytes[SegmentFormat.HEADER + 9] ^= 1;
        Samples.replace(files, each, bytes);
      }
    }
    try (DiskStore store = open();
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(Collector.Policy.ALL, OptionalLong.empty());
      collector.apply(plan, BECAUSE, CLOCK);
      Digest content = Digest.of(Samples.text(1, LENGTH + 1));
      byte[] read = store.blobs().read(content, 1 << 20);
      assertEquals(content, Digest.of(read));
    }
  }

  /** Both copies are marked in the midst of the collection, when it is decided which is spare. */
  @Test
  void whatTwoSegmentsHoldIsWrittenOnce() throws IOException {
    try (DiskStore store = open();
        Transaction one = store.begin();
        Transaction other = store.begin()) {
      Images.put(one, LENGTH, 1, 5);
      Images.put(other, LENGTH, 2, 5);
      one.flush();
      other.flush();
    }
    made("a", LENGTH, 1);
    made("b", LENGTH, 2);
    Digest both = Digest.of(Samples.text(5, LENGTH + 5));
    try (DiskStore store = open();
        DiskStore running = open();
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(Collector.Policy.ALL, OptionalLong.empty());
      assertTrue(running.lease(both));
      collector.apply(plan, BECAUSE, CLOCK);
      assertTrue(store.blobs().has(both));
      assertEquals(List.of(), store.check().findings());
    }
  }

  private static java.nio.ByteBuffer tail(byte[] bytes) {
    return java.nio.ByteBuffer.wrap(
            bytes, bytes.length - SegmentFormat.TRAILER, SegmentFormat.TRAILER)
        .slice();
  }

  @Test
  void actionRecordsOfWhatGoesGoAndOthersStay() throws IOException {
    try (DiskStore store = open()) {
      var first = made("web", LENGTH, 1);
      var second = made("web", LENGTH, 2);
      ActionKey one = new ActionKey(Digest.of(new byte[] {1}));
      ActionKey two = new ActionKey(Digest.of(new byte[] {2}));
      store.actions().record(one, first.record());
      store.actions().record(two, second.record());
      CollectReport report = collect(store, keep(store, 1));
      assertEquals(1, report.records());
      assertEquals(Optional.empty(), store.actions().find(one));
      assertEquals(Optional.of(second.record()), store.actions().find(two));
    }
  }

  @Test
  void manySmallSegmentsBecomeFew() throws IOException {
    try (DiskStore store = open()) {
      for (int i = 1; i <= Fates.MANY; i++) {
        made("p" + i, 500, i);
      }
      assertEquals(3 * Fates.MANY, files.list(Purpose.DIRECTORY).size());
      collect(store, Collector.Policy.ALL);
      assertEquals(3, files.list(Purpose.DIRECTORY).size());
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void aCeilingTakesTheOldestFirstAndSaysWhatIsTooMuch() throws IOException {
    try (DiskStore store = open()) {
      for (int i = 1; i <= 6; i++) {
        made("web", 150_000 + i, i);
      }
      long all = onDisk();
      try (Collector collector = store.collector()) {
        CollectPlan plan = collector.plan(keep(store, 100), OptionalLong.of(all / 2));
        assertEquals(1, plan.drops().get(0).number());
        assertEquals(0, plan.bytes().over());
        assertTrue(plan.drops().size() >= 3 && plan.drops().size() < 5, plan.toString());
        collector.apply(plan, BECAUSE, CLOCK);
        assertTrue(onDisk() <= all / 2, onDisk() + " of " + all);
      }
      try (Collector collector = store.collector()) {
        CollectPlan plan = collector.plan(keep(store, 100), OptionalLong.of(100));
        assertTrue(plan.bytes().over() > 0);
        collector.apply(plan, BECAUSE, CLOCK);
        assertEquals(List.of(6), numbers(store, "web"));
      }
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void aPlanOfEarlierIsDoneWhateverWasAddedSince() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      made("web", LENGTH, 2);
      CollectPlan plan = plan(store, keep(store, 1));
      made("web", LENGTH, 3);
      made("db", LENGTH, 4);
      try (Collector collector = store.collector()) {
        CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
        assertEquals(List.of(), report.changes());
        assertEquals(plan.bytes().freed(), report.freed());
      }
      assertEquals(List.of(2, 3), numbers(store, "web"));
      assertEquals(List.of(), store.check().findings());
    }
  }

  @Test
  void aPlanOfWhatIsNeededAgainIsRefusedAsAWhole() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      made("web", LENGTH, 2);
      CollectPlan plan = plan(store, keep(store, 1));
      made("db", LENGTH, 1);
      List<RelPath> before = files.list(Purpose.DIRECTORY);
      try (Collector collector = store.collector()) {
        CollectReport report = collector.apply(plan, BECAUSE, CLOCK);
        assertFalse(report.changes().isEmpty());
      }
      assertEquals(before, files.list(Purpose.DIRECTORY));
      assertEquals(List.of(1, 2), numbers(store, "web"));
    }
  }

  @Test
  void aPlanIsDoneOnce() throws IOException {
    try (DiskStore store = open()) {
      made("web", LENGTH, 1);
      made("web", LENGTH, 2);
      CollectPlan plan = plan(store, keep(store, 1));
      try (Collector collector = store.collector()) {
        assertEquals(List.of(), collector.apply(plan, BECAUSE, CLOCK).changes());
      }
      try (Collector collector = store.collector()) {
        assertFalse(collector.apply(plan, BECAUSE, CLOCK).changes().isEmpty());
      }
    }
  }
}
