package dev.imgstore.store.disk;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The state of the roots, read from a file {@code roots} that names the entry of the journal it
 * reflects, and from the entries after it. The journal is the truth, as for {@link DiskProfiles};
 * the file is faster, and it is evidence: a journal that lost its last entry is found out by it.
 */
final class RootFile {
  static final RelPath FILE = new RelPath("roots");

  private final Filesystem files;
  private final DiskJournal journal;
  private final Consumer<String> notices;

  RootFile(Filesystem files, DiskJournal journal, Consumer<String> notices) {
    this.files = files;
    this.journal = journal;
    this.notices = notices;
  }

  /** Replays the whole journal, so that no lost or damaged file hides a root. */
  List<Root> all() throws IOException {
    DiskJournal.Whole whole = journal.whole();
    if (!whole.isNamed()) {
      journal.settle();
    }
    Map<String, List<Journal.Entry>> bySubject = new TreeMap<>();
    for (Journal.Entry entry : whole.run().entries()) {
      if (ProfileState.isKind(entry.kind())) {
        bySubject.computeIfAbsent(entry.subject(), name -> new ArrayList<>()).add(entry);
      }
    }
    RootState state = RootState.empty().after(whole.run().entries(), whole.run().end());
    List<Root> roots = new ArrayList<>();
    for (Map.Entry<String, List<Journal.Entry>> each : bySubject.entrySet()) {
      String name = each.getKey();
      Profile profile =
          ProfileState.empty(name).after(each.getValue(), whole.run().end()).profile();
      int good = state.good().getOrDefault(name, 0);
      for (Generation generation : profile.generations()) {
        int number = generation.number();
        roots.add(
            new Root.OfGeneration(
                name,
                generation,
                number == profile.current(),
                number == good,
                state.tags(name, number)));
      }
    }
    roots.addAll(state.pins().values());
    roots.addAll(state.holds().values());
    return List.copyOf(roots);
  }

  /** The state now; under the journal's lock it stays so. */
  RootState read() throws IOException {
    RootState stored = stored();
    Run run = journal.since(stored.mark());
    return stored.after(run.entries(), run.end());
  }

  /**
   * As {@link #read}, for whoever changes profiles only: now and then it writes the file, so that
   * nobody has to read all that came since the last pin or hold.
   *
   * @param writer the journal's lock
   */
  RootState read(DiskJournal.Writer writer) throws IOException {
    RootState stored = stored();
    Run run = journal.since(stored.mark());
    RootState now = stored.after(run.entries(), run.end());
    if (run.entries().size() > StateFile.MOST_BEHIND) {
      journal.settle();
      write(now, "everything");
    }
    return now;
  }

  /** The state, to be told to somebody: what it says is durable. */
  RootState told() throws IOException {
    RootState stored = stored();
    Run run = journal.since(stored.mark());
    if (run.entries().stream().anyMatch(each -> RootState.isKind(each.kind()))) {
      journal.settle();
    }
    return stored.after(run.entries(), run.end());
  }

  /**
   * Writes the file; if that fails, a notice says so.
   *
   * @param what is in the journal by now
   */
  void write(RootState state, String what) {
    try {
      StateFile.replace(files, FILE, RootText.encode(state));
    } catch (IOException e) {
      // the entry is the commit: the next change writes the file
      notices.accept(
          what
              + " is recorded in the journal, but "
              + FILE
              + " could not be written: "
              + e.getMessage());
    }
  }

  /** What the file says; a lost or damaged one says nothing, and the journal says all. */
  private RootState stored() throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, FILE);
    if (bytes.isEmpty()) {
      return RootState.empty();
    }
    try {
      return RootText.decode(bytes.get());
    } catch (IllegalArgumentException e) {
      notices.accept(
          FILE
              + " is damaged ("
              + e.getMessage()
              + "): used the journal instead; the next pin or hold writes it anew");
      return RootState.empty();
    }
  }

  /** Writes the file anew from all entries, under the journal's lock. */
  void rebuild(List<Journal.Entry> entries, JournalText.Mark head) throws IOException {
    if (entries.isEmpty()) {
      return; // nothing is named that could be lost
    }
    StateFile.replace(files, FILE, RootText.encode(RootState.empty().after(entries, head)));
  }

  /** Compares the file with the journal. One that is only behind is fine; changes nothing. */
  List<Finding> check() throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, FILE);
    if (bytes.isEmpty()) {
      return List.of();
    }
    try {
      RootState stored = RootText.decode(bytes.get());
      if (!journal.check().isEmpty()) {
        return List.of(); // its own check names what is wrong
      }
      journal.since(stored.mark());
      List<Journal.Entry> entries = journal.list();
      int reflected = (int) Math.min(entries.size(), stored.mark().sequence());
      RootState replayed = RootState.empty().after(entries.subList(0, reflected), stored.mark());
      return replayed.equals(stored)
          ? List.of()
          : List.of(finding("it says otherwise than the journal"));
    } catch (IllegalArgumentException | StoreException e) {
      return List.of(finding(String.valueOf(e.getMessage())));
    }
  }

  /**
   * Writes the file as the journal has it now, so that it names the last entry.
   *
   * @param writer the journal's lock
   */
  void rewrite(DiskJournal.Writer writer) throws IOException {
    RootState state = RootState.empty().after(journal.whole().run().entries(), writer.head());
    StateFile.replace(files, FILE, RootText.encode(state));
  }

  private static Finding finding(String fault) {
    return new Finding(FILE.value(), "pins and holds", fault);
  }
}
