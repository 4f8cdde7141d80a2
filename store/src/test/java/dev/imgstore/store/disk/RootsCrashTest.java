package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Law 6 for pins, holds, marks and removals, dying at every operation of each. */
final class RootsCrashTest {
  /** Promises about a generation's number: each run of the scenario uses a new one. */
  private enum Said {
    BUILT,
    PINNED,
    UNPINNED,
    HELD,
    RELEASED,
    GOOD,
    TAGGED,
    REVOKED,
    DROPPED
  }

  private static final SortedMap<String, Integer> NONE = Collections.emptySortedMap();
  private static final Root.Spec SPEC =
      new Root.Spec("/a.yaml", List.of(1), "r/web", "", Optional.empty(), Optional.empty());

  private record Promise(Said said, int number) {}

  @Test
  void nothingAcknowledgedIsLostWhereverItDies() {
    CrashSweep.Report report = sweep(files -> files);
    assertTrue(report.operations() > 60, report.toString());
  }

  @Test
  void aStoreThatIsInUseAlreadyIsAsSafe() throws IOException {
    MemoryFilesystem used = new MemoryFilesystem();
    for (int i = 0; i < 3; i++) {
      work(used, promise -> {});
    }
    new CrashSweep(used, 2).run(RootsCrashTest::work, RootsCrashTest::laws);
  }

  /** Each fault is planted, and the sweep must see it. */
  @Test
  void theSweepSeesEachMissingSync() {
    assertThrows(
        AssertionError.class,
        () ->
            sweep(files -> FaultyFilesystem.forgetting(files, Call.SYNC, DiskJournal.FILE::equals)),
        "no sync of the journal");
    RelPath successor = StateFile.successor(RootFile.FILE);
    assertThrows(
        AssertionError.class,
        () -> sweep(files -> FaultyFilesystem.forgetting(files, Call.SYNC, successor::equals)),
        "state renamed before synced");
  }

  private static CrashSweep.Report sweep(UnaryOperator<Filesystem> fault) {
    return new CrashSweep(new MemoryFilesystem(), 2)
        .<Promise>run(
            (files, said) -> {
              work(fault.apply(files), said);
              work(fault.apply(files), said);
            },
            RootsCrashTest::laws);
  }

  /**
   * Builds one more generation, pins, holds and marks it, and takes all of that from the others.
   */
  private static void work(Filesystem files, Consumer<Promise> said) throws IOException {
    DiskProfiles profiles = open(files);
    DiskRoots roots = profiles.roots();
    Profile before = profiles.open("web").orElse(Profile.empty("web"));
    int number = before.next();
    profiles.commit("web", before.current(), digest("web" + number), digest("r"), because(""));
    said.accept(new Promise(Said.BUILT, number));
    if (number % 2 == 0) {
      roots.pin("p" + number, digest("web" + number), because(""));
    } else {
      roots.pin("p" + number, digest("web" + number), SPEC, because(""));
    }
    said.accept(new Promise(Said.PINNED, number));
    roots.hold(digest("web" + number), "legal", because("case " + number));
    said.accept(new Promise(Said.HELD, number));
    roots.good("web", number, because(""));
    said.accept(new Promise(Said.GOOD, number));
    roots.tag("web", "newest", number, because(""));
    said.accept(new Promise(Said.TAGGED, number));
    roots.revoke(digest("bad" + number), because("CVE"));
    said.accept(new Promise(Said.REVOKED, number));
    Set<Integer> others = new TreeSet<>();
    for (var each : before.generations()) {
      int other = each.number();
      others.add(other);
      roots.unpin("p" + other, because(""));
      said.accept(new Promise(Said.UNPINNED, other));
      roots.release(each.image(), because(""));
      said.accept(new Promise(Said.RELEASED, other));
    }
    profiles.drop("web", others, because("old"));
    others.forEach(other -> said.accept(new Promise(Said.DROPPED, other)));
  }

  private static void laws(Filesystem files, List<Promise> promises) throws IOException {
    DiskJournal journal = new DiskJournal(files, notice -> {});
    assertEquals(List.of(), journal.check());
    assertEquals(List.of(), open(files).check());
    assertEquals(List.of(), open(files).roots().file().check());
    List<Journal.Entry> entries = journal.list();
    List<Root> all = open(files).roots().all();
    Set<Integer> built = new TreeSet<>();
    int good = 0;
    for (Root each : all) {
      if (each instanceof Root.OfGeneration of) {
        built.add(of.number());
        good = of.isLastGood() ? of.number() : good;
      }
    }
    int marked = good;
    int tagged = open(files).roots().tags().getOrDefault("web", NONE).getOrDefault("newest", 0);
    List<Revocation> revoked = open(files).roots().revocations();
    for (Promise each : promises) {
      int number = each.number();
      boolean taken = entries.stream().anyMatch(entry -> takes(entry, each));
      boolean pinned = all.stream().anyMatch(root -> root.label().equals("pin p" + number));
      boolean held =
          all.stream()
              .anyMatch(root -> root instanceof Root.Hold h && h.reason().equals("case " + number));
      boolean kept =
          switch (each.said()) {
            case BUILT -> built.contains(number) || taken;
            case PINNED -> pinned || taken;
            case UNPINNED -> !pinned;
            case HELD -> held || taken;
            case RELEASED -> !held;
            case GOOD -> marked >= number;
            case TAGGED -> tagged >= number;
            case REVOKED -> revoked.stream().anyMatch(one -> one.isOf(digest("bad" + number)));
            case DROPPED -> !built.contains(number);
          };
      assertTrue(kept, each + " was promised, and there is " + all);
    }
  }

  /** Whether an entry ends what was promised. */
  private static boolean takes(Journal.Entry entry, Promise promise) {
    return switch (promise.said()) {
      case BUILT ->
          entry.kind().equals(ProfileState.DROP)
              && Json.list(Json.parse(entry.body()), "numbers").contains((long) promise.number());
      case PINNED -> entry.kind().equals("unpin") && entry.subject().equals("p" + promise.number());
      case HELD ->
          entry.kind().equals("release")
              && entry.subject().equals(digest("web" + promise.number()).toString());
      default -> false;
    };
  }

  private static DiskProfiles open(Filesystem files) {
    return new DiskProfiles(files, new DiskJournal(files, notice -> {}), notice -> {});
  }
}
