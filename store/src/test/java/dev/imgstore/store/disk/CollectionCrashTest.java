package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MeddlingFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Collections that die at every step, alone and beside a build; builds that do something at every
 * step of a collection; and what the harness sees when the collector leaves out what it must do.
 */
class CollectionCrashTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);
  private static final int LENGTH = 3000;
  private static final RelPath JOURNAL = RelPath.of("journal");
  private static final RelPath GATE = RelPath.of("gate");

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  private static Generation made(Filesystem files, String profile, int... seeds)
      throws IOException {
    try (DiskStore store = open(files)) {
      return Images.commit(store, profile, LENGTH, seeds);
    }
  }

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(keep(store, 1), OptionalLong.empty());
      collector.apply(plan, BECAUSE, CLOCK);
    }
  }

  /** Three generations, which share a file, and one that nothing else shares. */
  private static MemoryFilesystem start() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    made(files, "web", 1, 2);
    made(files, "web", 1, 3);
    made(files, "web", 1, 4);
    return files;
  }

  /** A fact is a generation that nobody may drop. */
  record Kept(String profile, Generation generation) {}

  static void laws(Filesystem files, List<Kept> acknowledged) throws IOException {
    try (DiskStore store = open(files)) {
      List<Finding> findings = new ArrayList<>(store.check().findings());
      findings.removeIf(each -> each.file().equals(BlobIndex.FILE.value())); // derived, not synced
      assertEquals(List.of(), findings);
      for (Kept each : acknowledged) {
        Profile profile = store.profiles().open(each.profile()).orElseThrow();
        assertTrue(profile.generations().contains(each.generation()), each + " is lost");
      }
      assertTrue(store.profiles().open("web").orElseThrow().currentGeneration().isPresent());
      everythingThatIsFoundIsWhole(files, store);
    }
  }

  /** What a build may find and believe in: trees and records have all that they name. */
  static void everythingThatIsFoundIsWhole(Filesystem files, DiskStore store) throws IOException {
    DiskSegments segments = new DiskSegments(files, new Gate(files), new Scratch(files));
    Census census = new Census(segments);
    for (Segment each : segments.refresh()) {
      Census.Part part = census.add(each);
      for (int spot = part.base(); spot < part.end() && part.refers(); spot++) {
        Entry entry = census.located(spot).entry();
        assertTrue(store.blobs().has(entry.digest()), entry + " lacks a part");
        byte[] bytes = store.blobs().read(entry.digest(), 1 << 20);
        if (TreeCodec.isTree(bytes)) {
          assertTrue(Trees.isComplete(store.blobs(), new TreeId(entry.digest())));
        }
        record(entry.digest(), bytes)
            .ifPresent(
                record -> {
                  try {
                    for (Digest source : record.sources()) {
                      assertTrue(store.blobs().has(source), "a record lacks a source");
                    }
                    assertTrue(store.blobs().has(record.image()), "a record lacks its image");
                    for (BuildRecord.Part one : record.parts()) {
                      assertTrue(Trees.isComplete(store.blobs(), one.tree()), "no whole tree");
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      }
    }
  }

  private static Optional<BuildRecord> record(Digest digest, byte[] bytes) {
    try {
      return Optional.of(BuildRecord.decode(digest, bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static CrashSweep sweep(int seeds) throws IOException {
    return new CrashSweep(start(), seeds);
  }

  private static void collectAndBuild(Filesystem files, Consumer<Kept> acknowledged)
      throws IOException {
    try (DiskStore building = open(files)) {
      Images.Built built = Images.build(building, LENGTH, 2, 9);
      collect(files);
      acknowledged.accept(new Kept("other", Images.commit(building, "other", built)));
    }
  }

  @Test
  void whateverTheMomentOfTheCrashTheLawsHold() throws IOException {
    CrashSweep.Report report =
        sweep(2).run(CollectionCrashTest::collectAndBuild, CollectionCrashTest::laws);
    assertTrue(report.operations() > 60, report.toString());
  }

  /** Only the collector dies; the build goes on and is served, and the next collection ends it. */
  @Test
  void aBuildGoesOnWhereverTheCollectorDies() throws IOException {
    MemoryFilesystem start = start();
    CrashFilesystem whole = new CrashFilesystem(start.afterKill());
    collect(whole);
    for (int operation = 1; operation <= whole.operations().size(); operation++) {
      MemoryFilesystem disk = start.afterKill();
      try (DiskStore building = open(disk)) {
        Images.Built built = Images.build(building, LENGTH, 2, 9);
        CrashFilesystem dying = new CrashFilesystem(disk, operation);
        try {
          collect(dying);
        } catch (CrashFilesystem.Crash e) {
          assertTrue(dying.isDead());
        }
        Generation late = Images.commit(building, "late", built);
        Generation more = Images.commit(building, "more", LENGTH, 3, 1);
        List<Kept> kept = List.of(new Kept("late", late), new Kept("more", more));
        laws(disk, kept);
        collect(disk);
        laws(disk, kept);
      }
    }
  }

  /** What another process does; false if it would have to wait for the collector. */
  private interface Other {
    void work(DiskStore building) throws IOException;
  }

  private static boolean work(MemoryFilesystem disk, DiskStore building, Other other) {
    for (String lock : List.of("lock", "journal.lock", "tmp/lock", "actions/lock")) {
      try {
        Optional<Filesystem.Lock> free = disk.tryLock(RelPath.of(lock));
        if (free.isEmpty()) {
          return false;
        }
        free.get().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try {
      other.work(building);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  /** Returns how often the other worked in the midst of a collection. */
  private static int meddle(Other other, Other after, List<Kept> acknowledged) throws IOException {
    MemoryFilesystem start = start();
    MeddlingFilesystem whole = new MeddlingFilesystem(start.afterKill(), 0, () -> true);
    collect(whole);
    int worked = 0;
    for (int call = 1; call <= whole.calls(); call++) {
      MemoryFilesystem disk = start.afterKill();
      DiskStore building = open(disk);
      try (building) {
        building.lease(current(building));
        MeddlingFilesystem meddled =
            new MeddlingFilesystem(disk, call, () -> work(disk, building, other));
        collect(meddled);
        worked += meddled.isDone() ? 1 : 0;
        if (meddled.isDone()) {
          after.work(building);
        }
      }
      String where = "at call " + call + " of " + whole.calls() + ": ";
      try {
        laws(disk, acknowledged);
        acknowledged.clear();
        collect(disk);
        laws(disk, acknowledged);
      } catch (AssertionError | IOException e) {
        throw new AssertionError(where + e.getMessage(), e);
      }
    }
    return worked;
  }

  private static Digest current(DiskStore store) throws IOException {
    return store.profiles().open("web").orElseThrow().currentGeneration().orElseThrow().image();
  }

  @Test
  void aBuildMayFindAndCommitWhatGoesAtAnyMoment() throws IOException {
    List<Kept> kept = new java.util.ArrayList<>();
    int worked =
        meddle(
            building -> kept.add(new Kept("x", Images.commit(building, "x", LENGTH, 2, 3, 9))),
            building -> {},
            kept);
    assertTrue(worked > 100, worked + " times");
  }

  @Test
  void aBuildMayCommitLaterWhatItFoundAtAnyMoment() throws IOException {
    List<Kept> kept = new java.util.ArrayList<>();
    Images.Built[] built = {new Images.Built(Digest.of(new byte[0]), Digest.of(new byte[0]))};
    meddle(
        building -> built[0] = Images.build(building, LENGTH, 2, 3, 9),
        building -> kept.add(new Kept("x", Images.commit(building, "x", built[0]))),
        kept);
  }

  /** It was told of what goes, sealed what names it, and ended: nothing may be left half there. */
  @Test
  void aBuildMayEndWithoutACommitAtAnyMoment() throws IOException {
    meddle(
        building -> {
          Images.build(building, LENGTH, 2, 3, 9);
          building.close();
        },
        building -> {},
        new java.util.ArrayList<>());
  }

  /** As another process does it: found in a record of an action, believed, and committed. */
  @Test
  void aBuildMayReuseAWholeBuildAtAnyMoment() throws IOException {
    List<Kept> kept = new java.util.ArrayList<>();
    meddle(
        building -> {
          Generation first = building.profiles().open("web").orElseThrow().generations().get(0);
          boolean both = building.lease(first.image()) && building.lease(first.record());
          if (both) {
            Images.Built known = new Images.Built(first.image(), first.record());
            kept.add(new Kept("x", Images.commit(building, "x", known)));
          }
        },
        building -> {},
        kept);
  }

  // -------- planted faults: each must be seen

  private static void isCaught(Function<Filesystem, Filesystem> collector) throws IOException {
    AssertionError failed =
        assertThrows(
            AssertionError.class,
            () ->
                sweep(12)
                    .run(
                        (Filesystem files, Consumer<Kept> acknowledged) ->
                            collect(collector.apply(files)),
                        CollectionCrashTest::laws));
    assertTrue(String.valueOf(failed.getMessage()).contains("power cut"), failed.toString());
  }

  @Test
  void withoutTheSyncOfTheJournalAGenerationComesBackWithoutItsBytes() throws IOException {
    isCaught(files -> FaultyFilesystem.forgetting(files, Call.SYNC, JOURNAL::equals));
  }

  /** After the gate was closed for the first time, and before it is for the second. */
  @Test
  void withoutTheSyncBetweenWhatRefersAndTheRestListsLackTheirParts() throws IOException {
    isCaught(
        files ->
            FaultyFilesystem.forgetting(
                files, Call.SYNC, path -> path.equals(Purpose.DIRECTORY) && number(files) == 2));
  }

  private static long number(Filesystem files) {
    try (Filesystem.Signal gate = files.signal(GATE)) {
      return gate.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A build is told of what goes, between plan and removal. */
  private static void tellABuildBetween(
      Function<Filesystem, Filesystem> collecting, Function<Filesystem, Filesystem> builder)
      throws IOException {
    MemoryFilesystem disk = start();
    try (DiskStore building = open(builder.apply(disk));
        DiskStore store = open(collecting.apply(disk));
        Collector collector = store.collector();
        Transaction put = building.begin()) {
      CollectPlan plan = collector.plan(keep(store, 1), OptionalLong.empty());
      Images.Built built = Images.put(put, LENGTH, 2);
      collector.apply(plan, BECAUSE, CLOCK);
      put.flush();
      laws(disk, List.of(new Kept("x", Images.commit(building, "x", built))));
    }
  }

  private static boolean isLeases(RelPath path) {
    return path.name().equals(Leases.FILE);
  }

  @Test
  void aBuildThatIsToldBetweenPlanAndRemovalKeepsIt() throws IOException {
    tellABuildBetween(files -> files, files -> files);
  }

  @Test
  void aSweepThatDoesNotReadTheLeasesAgainLosesBlobs() {
    assertThrows(
        AssertionError.class,
        () ->
            tellABuildBetween(
                files -> FaultyFilesystem.hiding(files, CollectionCrashTest::isLeases),
                files -> files));
  }

  @Test
  void anAnswerWithoutALeaseLosesBlobs() {
    assertThrows(
        AssertionError.class,
        () ->
            tellABuildBetween(
                files -> files,
                files ->
                    FaultyFilesystem.forgetting(files, Call.WRITE, CollectionCrashTest::isLeases)));
  }

  /** The number does not change: whoever lists, is told, and leases while it is odd, loses. */
  @Test
  void aGateThatDoesNotCloseLosesBlobs() {
    assertThrows(
        AssertionError.class,
        () -> {
          MemoryFilesystem disk = start();
          List<Kept> kept = new java.util.ArrayList<>();
          try (DiskStore building = open(disk)) {
            building.lease(current(building));
            Filesystem open = FaultyFilesystem.forgetting(disk, Call.SET, GATE::equals);
            boolean[] told = {false};
            Filesystem meddled =
                FaultyFilesystem.forgetting(
                    open,
                    Call.MOVE,
                    path -> {
                      boolean now = !told[0] && path.value().startsWith("segments/");
                      if (now) { // leases were read, nothing is removed yet
                        told[0] = true;
                        try {
                          kept.add(new Kept("x", Images.commit(building, "x", LENGTH, 2)));
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      }
                      return false;
                    });
            collect(meddled);
            assertTrue(told[0]);
          }
          laws(disk, kept);
        });
  }

  /** The harness itself, with another random choice of what a power cut keeps. */
  @Test
  void collectionsSurvivePowerCutsInARow() throws IOException {
    Random random = new Random(5);
    MemoryFilesystem disk = start();
    for (int round = 0; round < 40; round++) {
      CrashFilesystem dying = new CrashFilesystem(disk, 1 + random.nextInt(80));
      try {
        made(dying, "web", 1, 10 + round);
        collect(dying);
      } catch (CrashFilesystem.Crash e) {
        disk = dying.afterPowerCut(random);
      }
      laws(disk, List.of());
    }
  }
}
