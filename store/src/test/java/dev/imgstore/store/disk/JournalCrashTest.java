package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Law 6 and the rules of the journal, dying at every operation of commits and switches. */
final class JournalCrashTest {
  private static final RelPath JOURNAL = new RelPath("journal");

  @Test
  void nothingAcknowledgedIsLostWhereverItDies() {
    CrashSweep.Report report = sweep(files -> files, 4);
    assertTrue(report.operations() > 35, report.toString());
    assertTrue(report.crashes() > 35 * 9, report.toString());
  }

  @Test
  void aStoreThatIsInUseAlreadyIsAsSafe() throws IOException {
    MemoryFilesystem used = new MemoryFilesystem();
    for (int i = 0; i < 3; i++) {
      work(used, profile -> {});
    }
    new CrashSweep(used, 2).run(JournalCrashTest::work, JournalCrashTest::laws);
  }

  /** Each fault is planted, and the sweep must see it. */
  @Test
  void theSweepSeesEachMissingSync() {
    assertSeen(forgetting(Call.SYNC, JOURNAL::equals), "no sync of the journal");
    assertSeen(forgettingEverySecond(0), "the seal before the line is durable");
    assertSeen(forgettingEverySecond(1), "yes before the seal is durable");
    assertSeen(forgetting(Call.SYNC, RelPath::isRoot), "the name of the journal");
    assertSeen(
        JournalCrashTest::forgettingToSettle,
        "said again what another process had not made durable");
    assertSeen(
        forgetting(Call.SYNC, path -> path.value().endsWith("+new")),
        "state renamed before synced");
  }

  private static void assertSeen(UnaryOperator<Filesystem> fault, String what) {
    assertThrows(AssertionError.class, () -> sweep(fault, 24), what);
  }

  private static UnaryOperator<Filesystem> forgetting(Call call, Predicate<RelPath> paths) {
    return files -> FaultyFilesystem.forgetting(files, call, paths);
  }

  private static UnaryOperator<Filesystem> forgettingEverySecond(int offset) {
    return files -> {
      int[] syncs = {offset};
      return FaultyFilesystem.forgetting(
          files, Call.SYNC, path -> path.equals(JOURNAL) && syncs[0]++ % 2 == 0);
    };
  }

  /** Syncs of the journal by those who have not written to it. */
  private static Filesystem forgettingToSettle(Filesystem files) {
    boolean[] written = {false};
    Predicate<RelPath> syncs = path -> path.equals(JOURNAL) && !written[0];
    Predicate<RelPath> writes =
        path -> {
          written[0] |= path.equals(JOURNAL);
          return false;
        };
    return FaultyFilesystem.forgetting(
        FaultyFilesystem.forgetting(files, Call.SYNC, syncs), Call.WRITE, writes);
  }

  private static CrashSweep.Report sweep(UnaryOperator<Filesystem> fault, int seeds) {
    return new CrashSweep(made(), seeds)
        .<Profile>run(
            (files, acknowledged) -> work(fault.apply(files), acknowledged),
            JournalCrashTest::laws);
  }

  /** As a store is made: its directories are durable, and making one syncs nothing for others. */
  private static MemoryFilesystem made() {
    MemoryFilesystem made = new MemoryFilesystem();
    try {
      made.makeDirectories(StateFile.DIRECTORY);
      made.makeDirectories(Currents.directory("web"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return made;
  }

  /** What a user does; each profile printed is a promise. */
  private static void work(Filesystem files, Consumer<Profile> acknowledged) throws IOException {
    DiskProfiles profiles = open(files);
    profiles.open("web").ifPresent(acknowledged); // "nothing changed, web@7 is current"
    for (int i = 0; i < 2; i++) {
      commit(profiles, "web", acknowledged);
    }
    int current = profiles.open("web").orElseThrow().current();
    acknowledged.accept(
        profiles.makeCurrent(
            "web", current, current - 1, Switch.Kind.ROLLBACK, because("x".repeat(6000))));
    commit(profiles, "db", acknowledged);
    commit(open(files), "web", acknowledged);
  }

  private static void commit(DiskProfiles profiles, String name, Consumer<Profile> acknowledged)
      throws IOException {
    Optional<Profile> before = profiles.open(name);
    int next = before.map(Profile::next).orElse(1);
    profiles.commit(
        name,
        before.map(Profile::current).orElse(0),
        digest(name + next),
        digest("record"),
        because("number " + next));
    acknowledged.accept(profiles.open(name).orElseThrow());
  }

  private static void laws(Filesystem files, List<Profile> acknowledged) throws IOException {
    assertEquals(List.of(), new DiskJournal(files, notice -> {}).check());
    assertEquals(List.of(), open(files).check());
    for (Profile promised : acknowledged) {
      Profile found = open(files).open(promised.name()).orElseThrow();
      assertTrue(startsWith(found.generations(), promised.generations()), lost(promised));
      assertTrue(startsWith(found.history(), promised.history()), lost(promised));
    }
    for (String name : open(files).names()) {
      Profile found = open(files).open(name).orElseThrow();
      List<Integer> numbers = found.generations().stream().map(each -> each.number()).toList();
      assertEquals(numbers.stream().distinct().sorted().toList(), numbers);
    }
  }

  private static String lost(Profile promised) {
    return promised.name() + "@" + promised.current() + " was promised and is not there";
  }

  private static <T> boolean startsWith(List<T> all, List<T> first) {
    return all.size() >= first.size() && all.subList(0, first.size()).equals(first);
  }

  private static DiskProfiles open(Filesystem files) {
    return new DiskProfiles(files, new DiskJournal(files, notice -> {}), notice -> {});
  }
}
