package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.testkit.Call;
import dev.imgstore.testkit.CrashFilesystem;
import dev.imgstore.testkit.CrashSweep;
import dev.imgstore.testkit.FaultyFilesystem;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** One generation is current, the journal's, and what others read of it is whole, at every step. */
final class CurrentsCrashTest {
  private static final RelPath FORMAT = RelPath.of("format");

  @Test
  void theLinkLeadsToSomethingWholeAndNeverAheadOfTheJournal() {
    CrashSweep.Report report = sweep(files -> files);
    assertTrue(report.operations() > 60, report.toString());
  }

  @Test
  void theSweepSeesEachMissingSync() {
    assertSeen("digest", "a file of the directory");
    assertSeen("[0-9]+[+]new", "the names in the directory");
    assertSeen("web", "the name of the directory");
  }

  private static void assertSeen(String name, String what) {
    assertThrows(
        AssertionError.class,
        () ->
            sweep(
                files ->
                    FaultyFilesystem.forgetting(
                        files, Call.SYNC, path -> !path.isRoot() && path.name().matches(name))),
        what);
  }

  @Test
  void aStoreOfTheLayoutBeforeIsTakenOverWhereverThatDies() throws IOException {
    MemoryFilesystem old = old();
    CrashSweep.Report report =
        new CrashSweep(old, 4).run(CurrentsCrashTest::work, CurrentsCrashTest::laws);
    assertTrue(report.operations() > 70, report.toString());
  }

  @Test
  void whoOnlyReadsLeavesTheLayoutBeforeAsItIs() throws IOException {
    CrashFilesystem counting = new CrashFilesystem(old());
    assertEquals(2, open(counting).open("web").orElseThrow().current());
    assertEquals(List.of(), open(counting).check());
    assertEquals(List.of(), counting.operations());
  }

  @Test
  void theEvidenceOfALostEndIsSeenInTheLayoutBefore() throws IOException {
    MemoryFilesystem old = old();
    old.delete(DiskJournal.FILE);
    assertThrows(
        dev.imgstore.store.StoreException.Corrupt.class,
        () -> open(old).commit("db", 0, digest("db"), digest("r"), because("")));
  }

  /** Of a form that settings had before, too, there may be a directory of that generation. */
  @Test
  void theFormThatWasPreparedIsLinkedByWhoComesAfterAKill() throws IOException {
    for (String form : List.of("layout", "")) {
      MemoryFilesystem start = new MemoryFilesystem();
      DiskProfiles profiles = open(start);
      profiles.commit("web", 0, digest("web1"), digest("r"), because(""));
      profiles.commit("web", 1, digest("web2"), digest("r"), because(""));
      back(start, "tree");
      assertEquals(Optional.of("1-tree"), start.target(Currents.link("web")));
      open(start).makeCurrent("web", 1, 2, Switch.Kind.SWITCH, because(""));
      CrashFilesystem whole = new CrashFilesystem(start.afterKill());
      back(whole, form);
      int behind = 0;
      for (int operation = 1; operation <= whole.operations().size(); operation++) {
        CrashFilesystem dying = new CrashFilesystem(start.afterKill(), operation);
        assertThrows(Throwable.class, () -> back(dying, form));
        Filesystem left = dying.afterKill();
        Profile web = open(left).open("web").orElseThrow();
        behind += web.current() == 1 && open(left).currents().isBehind(web) ? 1 : 0;
        open(left).point("web");
        String wanted = web.current() == 1 ? Currents.name(1, form) : "2";
        assertEquals(Optional.of(wanted), left.target(Currents.link("web")), form + operation);
      }
      assertTrue(behind > 0);
    }
  }

  /** Switches to the first generation, whose files are wanted in this form. */
  private static void back(Filesystem files, String form) throws IOException {
    DiskProfiles profiles = open(files);
    Profile web = profiles.open("web").orElseThrow();
    new Activations(files, new DiskJournal(files, notice -> {}), profiles)
        .prepare(
            Path.of("no-such-store"), "web", web.generation(1).orElseThrow(), form, half -> {});
    profiles.makeCurrent("web", 2, 1, Switch.Kind.SWITCH, because(""));
  }

  /** Two generations, in the files of layout 1. */
  private static MemoryFilesystem old() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    DiskProfiles profiles = open(files);
    profiles.commit("web", 0, digest("web1"), digest("r"), because(""));
    profiles.commit("web", 1, digest("web2"), digest("r"), because(""));
    byte[] state = StateFile.readOfProfile(files, "web").orElseThrow();
    MemoryFilesystem old = new MemoryFilesystem();
    old.makeDirectories(Currents.DIRECTORY);
    write(old, FORMAT, "1\n".getBytes(StandardCharsets.US_ASCII));
    write(old, Currents.directory("web"), state);
    try (var in = files.read(DiskJournal.FILE)) {
      write(old, DiskJournal.FILE, in.readAllBytes());
    }
    old.sync(Currents.DIRECTORY);
    old.sync(RelPath.ROOT);
    return old;
  }

  private static void write(MemoryFilesystem files, RelPath file, byte[] bytes) throws IOException {
    try (OutputStream out = files.create(file)) {
      out.write(bytes);
    }
    files.sync(file);
  }

  private static CrashSweep.Report sweep(UnaryOperator<Filesystem> fault) {
    MemoryFilesystem start = new MemoryFilesystem();
    try {
      work(start, number -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new CrashSweep(start, 2)
        .<Integer>run((files, said) -> work(fault.apply(files), said), CurrentsCrashTest::laws);
  }

  /** A switch with an activation that works, and one that is taken back. */
  private static void work(Filesystem files, Consumer<Integer> said) throws IOException {
    DiskProfiles profiles = open(files);
    Profile web = profiles.open("web").orElse(Profile.empty("web"));
    int next = web.next();
    profiles.commit("web", web.current(), digest("web" + next), digest("r"), follows());
    said.accept(next);
    profiles.activated("web", next, true, because(""));
    assertEquals(Profile.Activation.DONE, profiles.open("web").orElseThrow().activation());
    profiles.activating("web", next, because(""));
    assertEquals(Profile.Activation.BEGUN, profiles.open("web").orElseThrow().activation());
    profiles.commit("web", next, digest("web" + (next + 1)), digest("r"), follows());
    profiles.makeCurrent("web", next + 1, next, Switch.Kind.ROLLBACK, follows());
    profiles.activated("web", next, false, because(""));
    said.accept(next);
    assertEquals(Profile.Activation.FAILED, profiles.open("web").orElseThrow().activation());
  }

  private static Profiles.Because follows() {
    return because("").with(Profiles.ACTIVATION, Profiles.FOLLOWS);
  }

  private static void laws(Filesystem files, List<Integer> said) throws IOException {
    assertEquals(List.of(), new DiskJournal(files, notice -> {}).check());
    assertEquals(List.of(), open(files).check());
    Optional<Profile> found = open(files).open("web");
    for (int promised : said) {
      assertTrue(found.orElseThrow().generation(promised).isPresent(), "lost " + promised);
    }
    leadsToSomethingWhole(files, found);
    if (found.isPresent()) {
      open(files).point("web"); // the next writer
      leadsToSomethingWhole(files, found);
      Optional<String> target = files.target(Currents.link("web"));
      assertEquals(Optional.of(Integer.toString(found.get().current())), target);
    }
  }

  private static void leadsToSomethingWhole(Filesystem files, Optional<Profile> found)
      throws IOException {
    Optional<String> target = files.target(Currents.link("web"));
    if (target.isEmpty()) {
      return;
    }
    RelPath directory = Currents.directory("web").child(target.get());
    int number = Currents.number(directory);
    Digest image = found.orElseThrow().generation(number).orElseThrow().image();
    assertEquals(image + "\n", text(files, directory.child("digest")));
    assertEquals("web@" + number + "\n", text(files, directory.child("generation")));
    assertEquals("manifest of " + image, text(files, directory.child("manifest.json")));
  }

  private static String text(Filesystem files, RelPath file) throws IOException {
    return new String(StateFile.read(files, file).orElseThrow(), StandardCharsets.UTF_8);
  }

  private static DiskProfiles open(Filesystem files) {
    return new DiskProfiles(
        files,
        new DiskJournal(files, notice -> {}),
        notice -> {},
        image -> Optional.of(("manifest of " + image).getBytes(StandardCharsets.UTF_8)));
  }
}
