package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pins, holds and marks, with a file {@code roots} that names the entry of the journal it reflects.
 * The journal is the truth, as for {@link DiskProfiles}; the file is faster, and it is evidence: a
 * journal that lost its last entry is found out by it.
 *
 * <p>Law 6: a change is acknowledged after its entry is durable, and what is read from an entry
 * that no file names yet is made durable before it is handed out. Law 2 is the caller's.
 */
final class DiskRoots implements Roots {
  static final RelPath FILE = new RelPath("roots");

  private final Filesystem files;
  private final DiskJournal journal;
  private final Consumer<String> notices;
  private final Named profiles;

  DiskRoots(Filesystem files, DiskJournal journal, Consumer<String> notices, Named profiles) {
    this.files = files;
    this.journal = journal;
    this.notices = notices;
    this.profiles = profiles;
  }

  /** Where a profile is looked up. */
  interface Named {
    /** As the journal has it now. */
    Optional<Profile> open(String name) throws IOException;
  }

  /** Replays the whole journal, so that no lost or damaged file hides a root. */
  @Override
  public List<Root> all() throws IOException {
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
            new Root.OfGeneration(name, generation, number == profile.current(), number == good));
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

  @Override
  public List<Root.Pin> pins() throws IOException {
    RootState stored = stored();
    Run run = journal.since(stored.mark());
    if (!run.entries().isEmpty()) {
      journal.settle();
    }
    return List.copyOf(stored.after(run.entries(), run.end()).pins().values());
  }

  @Override
  public void pin(String name, Digest image, Because because) throws IOException {
    if (!Roots.isPinName(name)) {
      throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
    }
    change(
        because,
        RootState.PIN,
        name,
        Map.of("image", image.toString()),
        state -> !says(state.pins().get(name), image));
  }

  @Override
  public boolean unpin(String name, Because because) throws IOException {
    return change(
        because, RootState.UNPIN, name, Map.of(), state -> state.pins().containsKey(name));
  }

  @Override
  public void hold(Digest image, String owner, Because because) throws IOException {
    Root.Hold wanted = new Root.Hold(image, owner, because.why(), because.when(), because.who());
    change(
        because,
        RootState.HOLD,
        image.toString(),
        Map.of("owner", owner),
        state -> !says(state.holds().get(image), wanted));
  }

  private static boolean says(@Nullable Root root, Digest image) {
    return root != null && root.image().equals(image);
  }

  private static boolean says(Root.@Nullable Hold held, Root.Hold wanted) {
    return held != null
        && held.owner().equals(wanted.owner())
        && held.reason().equals(wanted.reason());
  }

  @Override
  public boolean release(Digest image, Because because) throws IOException {
    return change(
        because,
        RootState.RELEASE,
        image.toString(),
        Map.of(),
        state -> state.holds().containsKey(image));
  }

  @Override
  public void good(String profile, int number, Because because) throws IOException {
    change(
        because,
        RootState.GOOD,
        profile,
        Map.of("number", number),
        state -> isThere(profile, number) && !Objects.equals(state.good().get(profile), number));
  }

  private boolean isThere(String profile, int number) throws IOException {
    if (profiles.open(profile).flatMap(found -> found.generation(number)).isEmpty()) {
      throw new IllegalArgumentException("there is no generation " + profile + "@" + number);
    }
    return true;
  }

  /** Whether a change is one, seen under the journal's lock. */
  private interface Needed {
    boolean in(RootState state) throws IOException;
  }

  /** Appends if needed; what is so already is made durable, for it is promised again. */
  private boolean change(
      Because because, String kind, String subject, Map<String, ?> facts, Needed needed)
      throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      RootState before = read();
      if (!needed.in(before)) {
        journal.settle();
        return false;
      }
      Journal.Entry entry = writer.append(because, kind, subject, facts);
      RootState after = before.after(List.of(entry), writer.head());
      try {
        StateFile.replace(files, FILE, after.encode());
      } catch (IOException e) {
        // the entry is the commit: the next change writes the file
        notices.accept(
            kind
                + " is recorded in the journal, but "
                + FILE
                + " could not be written: "
                + e.getMessage());
      }
      return true;
    }
  }

  /** What the file says; a lost or damaged one says nothing, and the journal says all. */
  private RootState stored() throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, FILE);
    if (bytes.isEmpty()) {
      return RootState.empty();
    }
    try {
      return RootState.decode(bytes.get());
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
    StateFile.replace(files, FILE, RootState.empty().after(entries, head).encode());
  }

  /** Compares the file with the journal. One that is only behind is fine; changes nothing. */
  List<Finding> check() throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, FILE);
    if (bytes.isEmpty()) {
      return List.of();
    }
    try {
      RootState stored = RootState.decode(bytes.get());
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
    StateFile.replace(files, FILE, state.encode());
  }

  private static Finding finding(String fault) {
    return new Finding(FILE.value(), "pins and holds", fault);
  }
}
