package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Laws 3 and 6 for a change of many pins, which one entry of the journal cannot hold, dying at
 * every operation of it: at each instant all pins from before or all from after are there.
 */
final class PinsCrashTest {
  private static final int PINS = 45;
  private static final String LONG = "/".repeat(1000);

  @Test
  void atEachInstantAllFromBeforeOrAllFromAfterIsKept() {
    CrashSweep.Report report = sweep(files -> files);
    assertTrue(report.operations() > 40, report.toString());
  }

  @Test
  void theChangeIsInSeveralEntries() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    work(files, run -> {});
    work(files, run -> {});
    List<String> kinds =
        new DiskJournal(files, notice -> {}).list().stream().map(each -> each.kind()).toList();
    assertTrue(kinds.size() > 6, kinds.toString());
    assertEquals(PINS, roots(files).pins().size());
  }

  /** The fault is planted, and the sweep must see it. */
  @Test
  void theSweepSeesAMissingSync() {
    assertThrows(
        AssertionError.class,
        () ->
            sweep(
                files -> FaultyFilesystem.forgetting(files, Call.SYNC, DiskJournal.FILE::equals)));
  }

  private static CrashSweep.Report sweep(UnaryOperator<Filesystem> fault) {
    return new CrashSweep(new MemoryFilesystem(), 2)
        .<Integer>run(
            (files, said) -> {
              work(fault.apply(files), said);
              work(fault.apply(files), said);
            },
            PinsCrashTest::laws);
  }

  /** Pins other names instead of those that are there, and says which run it was. */
  private static void work(Filesystem files, Consumer<Integer> said) throws IOException {
    DiskRoots roots = roots(files);
    List<PinChange> changes = new ArrayList<>();
    int run = 1;
    for (Root.Pin each : roots.pins()) {
      run = Math.max(run, run(each) + 1);
      changes.add(new PinChange.Unpinned(each.name()));
    }
    for (int i = 0; i < PINS; i++) {
      String name = run + LONG + i;
      Root.Spec spec =
          new Root.Spec(
              "/a.yaml", List.of(i + 1), name + LONG, "", Optional.empty(), Optional.empty());
      changes.add(new PinChange.Pinned(name, digest(name), spec));
    }
    assertEquals(changes.size(), roots.change("/a.yaml", changes, because("")).size());
    said.accept(run);
  }

  private static int run(Root.Pin pin) {
    return Integer.parseInt(pin.name().substring(0, pin.name().indexOf('/')));
  }

  private static void laws(Filesystem files, List<Integer> promised) throws IOException {
    assertEquals(List.of(), new DiskJournal(files, notice -> {}).check());
    assertEquals(List.of(), roots(files).file().check());
    SortedMap<Integer, Integer> there = new TreeMap<>();
    roots(files).pins().forEach(each -> there.merge(run(each), 1, Integer::sum));
    int last = promised.stream().mapToInt(each -> each).max().orElse(0);
    if (last > 0) {
      assertTrue(there.containsValue(PINS), () -> "neither all nor all: " + there);
      assertTrue(there.firstKey() >= last, () -> last + " was promised, and there is " + there);
    }
  }

  private static DiskRoots roots(Filesystem files) {
    DiskJournal journal = new DiskJournal(files, notice -> {});
    return new DiskProfiles(files, journal, notice -> {}).roots();
  }
}
