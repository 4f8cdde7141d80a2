package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.Collector;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Trees in some segments name trees in others, and all of them go: together, or not at all. */
class RemovalTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  private static void made(Filesystem files, int... seeds) throws IOException {
    try (DiskStore store = open(files)) {
      Images.commit(store, "web", 3000, seeds);
    }
  }

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(keep(store, 1), OptionalLong.empty());
      collector.apply(plan, BECAUSE, CLOCK);
    }
  }

  /** The top tree of the second generation, in the second segment, names d2 in the first. */
  private static MemoryFilesystem crossed() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    made(files, 1, 2);
    made(files, 2, 3);
    made(files, 3, 5);
    made(files, 1, 4);
    return files;
  }

  private static void isWhole(Filesystem files) throws IOException {
    try (DiskStore store = open(files)) {
      CollectionCrashTest.everythingThatIsFoundIsWhole(files, store);
    }
  }

  @Test
  void aKillBetweenTwoSegmentsLeavesNoTreeWithoutItsSubtree() throws IOException {
    MemoryFilesystem start = crossed();
    CrashFilesystem whole = new CrashFilesystem(start.afterKill());
    collect(whole);
    for (int operation = 1; operation <= whole.operations().size(); operation++) {
      MemoryFilesystem disk = start.afterKill();
      killedAt(operation, disk);
      isWhole(disk.afterKill());
    }
  }

  private static void killedAt(int operation, MemoryFilesystem disk) throws IOException {
    try {
      collect(new CrashFilesystem(disk, operation));
    } catch (CrashFilesystem.Crash e) {
      assertTrue(operation > 0);
    }
  }

  /** As a build does with a record it was told of: all that this names at once is there. */
  @Test
  void whatABuildBelievesAfterAKillIsWhole() throws IOException {
    CrashFilesystem whole = new CrashFilesystem(crossed());
    collect(whole);
    for (int round = 0; round < 4; round++) {
      MemoryFilesystem start = crossed(); // segments get other names, and go in another order
      Generation second;
      try (DiskStore store = open(start)) {
        second = store.profiles().open("web").orElseThrow().generation(2).orElseThrow();
      }
      for (int operation = 1; operation <= whole.operations().size(); operation++) {
        MemoryFilesystem disk = start.afterKill();
        killedAt(operation, disk);
        try (DiskStore store = open(disk);
            Transaction put = store.begin()) {
          if (believes(put, second)) {
            Images.commit(store, "x", new Images.Built(second.image(), second.record()));
            assertEquals(List.of(), store.check().findings());
          }
        }
      }
    }
  }

  /** A kill leaves a merged segment by a name that is not durable; the next run relies on it. */
  @Test
  void whatHasNoDurableNameIsNotAllThatIsLeft() throws IOException {
    for (int round = 0; round < 3; round++) {
      MemoryFilesystem start = crossed();
      CrashFilesystem whole = new CrashFilesystem(start.afterKill());
      collect(whole);
      MemoryFilesystem left = start.afterKill();
      killedAt(1 + whole.operations().indexOf("SYNC segments"), left);
      for (int operation = 1; operation <= whole.operations().size(); operation++) {
        CrashFilesystem again = new CrashFilesystem(left.afterKill(), operation);
        try {
          collect(again);
        } catch (CrashFilesystem.Crash e) {
          assertTrue(again.isDead());
        }
        for (int seed = 0; seed < 4; seed++) {
          MemoryFilesystem cut = again.afterPowerCut(new Random(1000L * operation + seed));
          CollectionCrashTest.laws(cut, List.of());
        }
      }
    }
  }

  private static boolean believes(Transaction put, Generation it) throws IOException {
    if (!put.has(it.image()) || !put.has(it.record())) {
      return false;
    }
    BuildRecord record = BuildRecord.decode(it.record(), put.read(it.record(), 1 << 20));
    List<Digest> named = new ArrayList<>(record.sources());
    named.add(record.recipe());
    record.parts().forEach(each -> named.add(each.tree().digest()));
    ImageManifest.read(put, it.image()).references().forEach(each -> named.add(each.digest()));
    for (Digest each : named) {
      if (!put.has(each)) {
        return false;
      }
    }
    return true;
  }

  private static CrashSweep.Report sweep(
      int seeds, UnaryOperator<Filesystem> collecting, UnaryOperator<Filesystem> after)
      throws IOException {
    return new CrashSweep(crossed(), seeds)
        .run(
            (Filesystem files, Consumer<CollectionCrashTest.Kept> acknowledged) ->
                collect(collecting.apply(files)),
            (files, acknowledged) ->
                CollectionCrashTest.laws(after.apply(files), List.copyOf(acknowledged)));
  }

  private static void isCaught(
      String when, UnaryOperator<Filesystem> collecting, UnaryOperator<Filesystem> after) {
    AssertionError failed = assertThrows(AssertionError.class, () -> sweep(16, collecting, after));
    assertTrue(String.valueOf(failed.getMessage()).contains(when), failed.toString());
  }

  @Test
  void atEachPowerCutTheyAreAllThereOrNone() throws IOException {
    CrashSweep.Report report = sweep(6, files -> files, files -> files);
    assertTrue(report.operations() > 30, report.toString());
  }

  @Test
  void withoutTheSyncOfTheLogsNameAPowerCutLeavesHalf() {
    isCaught(
        "power cut",
        files -> FaultyFilesystem.forgetting(files, Call.SYNC, RelPath.ROOT::equals),
        files -> files);
  }

  /** It is removed before the moves are durable. */
  @Test
  void withoutTheSyncOfTheMovesAPowerCutLeavesHalf() {
    isCaught(
        "power cut",
        files -> FaultyFilesystem.forgetting(files, Call.SYNC, Purpose.DIRECTORY::equals),
        files -> files);
  }

  @Test
  void ifNobodyReadsTheLogAKillLeavesHalf() {
    isCaught(
        "killed", files -> files, files -> FaultyFilesystem.hiding(files, RemovalLog.FILE::equals));
  }

  // -------- renames that fail

  private static boolean isSegment(RelPath path) {
    return Purpose.of(path).isPresent();
  }

  /** Fails the moves of segments away from this one on, and, if said so, those back. */
  private static Filesystem failing(Filesystem files, int nth, boolean back) {
    int[] seen = {0};
    return FaultyFilesystem.failing(
        files,
        Call.MOVE,
        path -> {
          seen[0] += isSegment(path) ? 1 : 0;
          return seen[0] >= nth && (isSegment(path) || back);
        });
  }

  @Test
  void aRenameThatFailsPutsBackWhatWent() throws IOException {
    for (int nth = 1; nth <= 3; nth++) {
      MemoryFilesystem disk = crossed();
      List<RelPath> before = disk.list(Purpose.DIRECTORY);
      try (DiskStore open = open(disk)) {
        Images.Built built = Images.build(open, 3000, 2, 9);
        Filesystem faulty = failing(disk, nth, false);
        assertThrows(IOException.class, () -> collect(faulty));
        assertTrue(disk.list(Purpose.DIRECTORY).containsAll(before));
        assertTrue(disk.stat(RemovalLog.FILE).isEmpty());
        isWhole(disk);
        Images.commit(open, "x", built);
      }
      CollectionCrashTest.laws(disk.afterKill(), List.of());
      collect(disk);
      CollectionCrashTest.laws(disk, List.of());
    }
  }

  @Test
  void whatCannotBePutBackIsEndedByWhoeverComesNext() throws IOException {
    MemoryFilesystem disk = crossed();
    try (DiskStore open = open(disk)) {
      Images.build(open, 3000, 1);
      Digest image = open.profiles().open("web").orElseThrow().generations().get(1).image();
      Filesystem faulty = failing(disk, 2, true);
      assertThrows(IOException.class, () -> collect(faulty));
      assertTrue(disk.stat(RemovalLog.FILE).isPresent());
      // a process that had it open all the time; it was told that the gate is closed
      Profile web = open.profiles().open("web").orElseThrow();
      assertTrue(open.lease(web.currentGeneration().orElseThrow().image()));
      assertFalse(open.lease(image));
      assertTrue(disk.stat(RemovalLog.FILE).isEmpty());
      CollectionCrashTest.everythingThatIsFoundIsWhole(disk, open);
    }
    CollectionCrashTest.laws(disk, List.of());
  }

  /** Somebody else's store: what a root reaches is read, and nothing is leased. */
  @Test
  void whoMayNotEndItReadsAndLeasesNothing() throws IOException {
    MemoryFilesystem disk = crossed();
    Filesystem faulty = failing(disk, 2, true);
    assertThrows(IOException.class, () -> collect(faulty));
    Filesystem readOnly = FaultyFilesystem.failing(disk, Call.LOCK, path -> path.equals(Gate.LOCK));
    try (DiskStore reader = open(readOnly)) {
      Digest image =
          reader.profiles().open("web").orElseThrow().currentGeneration().orElseThrow().image();
      assertEquals(List.of(), reader.check().findings());
      assertTrue(reader.blobs().has(image));
      assertThrows(IOException.class, () -> reader.lease(image));
    }
    assertTrue(disk.stat(RemovalLog.FILE).isPresent());
    isWhole(disk);
  }

  // -------- the log

  private static void put(MemoryFilesystem disk, byte[] log) throws IOException {
    try (OutputStream out = disk.create(RemovalLog.FILE)) {
      out.write(log);
    }
  }

  @Test
  void theLogIsOneLineWithASum() {
    RelPath one = Purpose.CONTENT.file("0".repeat(64));
    RelPath two = Purpose.METADATA.file("1".repeat(64));
    assertEquals(
        "{\"format\":1,\"segments\":[\"content-"
            + "0".repeat(64)
            + "\",\"metadata-"
            + "1".repeat(64)
            + "\"],\"sum\":\"0a669355a222ed7de330a47b057624407a42d7f98d19ad0be7e5ef021cb569f6\"}\n",
        new String(RemovalLog.encode(List.of(two, one)), StandardCharsets.UTF_8));
  }

  @Test
  void ofALogOfWhichNothingWasDoneNothingIs() throws IOException {
    MemoryFilesystem disk = crossed();
    List<RelPath> all = disk.list(Purpose.DIRECTORY);
    put(disk, RemovalLog.encode(all));
    isWhole(disk);
    assertEquals(all, disk.list(Purpose.DIRECTORY));
    assertTrue(disk.stat(RemovalLog.FILE).isEmpty());
  }

  @Test
  void aDamagedLogIsNamedAndRepaired() throws IOException {
    MemoryFilesystem disk = crossed();
    byte[] log = RemovalLog.encode(disk.list(Purpose.DIRECTORY));
    log[20] ^= 1;
    put(disk, log);
    try (DiskStore store = open(disk)) {
      Digest image = store.profiles().open("web").orElseThrow().generations().get(0).image();
      StoreException refused = assertThrows(StoreException.Corrupt.class, () -> store.lease(image));
      assertTrue(String.valueOf(refused.getMessage()).contains("verify --repair"));
      List<Finding> findings = store.check().findings();
      assertEquals(List.of("removal"), findings.stream().map(Finding::file).toList());
      RepairReport report = store.repair(List.of(), BECAUSE);
      assertEquals("removal", report.mended().get(0).file());
      assertEquals(List.of(), report.after().findings());
      assertTrue(store.lease(image));
    }
  }

  @Test
  void aLogOfALaterImgstoreIsLeftAlone() throws IOException {
    MemoryFilesystem disk = crossed();
    String text = "{\"format\":2";
    String sum = Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex();
    put(disk, (text + ",\"sum\":\"" + sum + "\"}\n").getBytes(StandardCharsets.UTF_8));
    try (DiskStore store = open(disk)) {
      Digest image = store.profiles().open("web").orElseThrow().generations().get(0).image();
      assertThrows(StoreException.UnknownFormat.class, () -> store.lease(image));
      assertEquals(1, store.check().findings().size());
      assertThrows(StoreException.class, () -> store.repair(List.of(), BECAUSE));
    }
    assertTrue(disk.stat(RemovalLog.FILE).isPresent());
  }

  /** Asking what is left behind may fail as well. */
  @Test
  void whyARemovalFailedIsTold() throws IOException {
    MemoryFilesystem disk = crossed();
    boolean[] begun = {false};
    Filesystem faulty =
        FaultyFilesystem.failing(disk, Call.STAT, path -> begun[0] && path.equals(RemovalLog.FILE));
    try (Gate gate = new Gate(faulty)) {
      IOException failed =
          assertThrows(
              IOException.class,
              () ->
                  gate.closedFor(
                      () -> {
                        begun[0] = true;
                        throw new IOException("the first");
                      }));
      assertEquals("the first", failed.getMessage());
    }
    isWhole(disk);
  }
}
