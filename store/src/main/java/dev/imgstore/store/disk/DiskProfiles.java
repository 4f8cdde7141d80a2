package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Profiles as files of {@code states/}, each naming the entry of the journal it reflects. The
 * journal is the truth: a file that is behind, lost or damaged is brought up from it, in memory by
 * whoever reads, on disk by the next change of that profile. Safe for many threads and processes.
 *
 * <p>Law 6: a change is acknowledged after its entry is durable, and what is read from an entry
 * that no file names yet is made durable before it is handed out.
 */
public final class DiskProfiles implements Profiles {
  /** Numbers in one entry of the journal, which has room for 65536 bytes. */
  private static final int MOST_DROPPED = 4000;

  private final DiskJournal journal;
  private final Consumer<String> notices;
  private final ProfileFiles states;
  private final DiskRoots roots;
  private final Currents currents;

  /**
   * The profiles of a store.
   *
   * @param notices gets a sentence when something was put right
   */
  public DiskProfiles(Filesystem files, DiskJournal journal, Consumer<String> notices) {
    this(files, journal, notices, image -> Optional.empty());
  }

  /**
   * As above, with manifests for those who read {@code profiles/NAME/current}, and to see what is
   * revoked in an index.
   */
  DiskProfiles(
      Filesystem files,
      DiskJournal journal,
      Consumer<String> notices,
      Currents.Manifests manifests) {
    this.states = new ProfileFiles(files, journal, notices);
    this.currents = new Currents(files, manifests);
    this.journal = journal;
    this.notices = notices;
    this.roots = new DiskRoots(files, journal, notices, this::open, manifests);
  }

  /** What keeps generations of these profiles, and the other roots of the store. */
  DiskRoots roots() {
    return roots;
  }

  /**
   * Reads the whole journal, so that a lost file hides no profile from the collector; a journal
   * that lost its end is refused, so that it hides none either.
   */
  @Override
  public List<String> names() throws IOException {
    SortedMap<String, Integer> generations = new TreeMap<>();
    for (Journal.Entry entry : journal.whole().run().entries()) {
      if (entry.kind().equals(ProfileState.GENERATION)) {
        generations.merge(entry.subject(), 1, Integer::sum);
      } else if (entry.kind().equals(ProfileState.DROP)) {
        generations.merge(entry.subject(), -ProfileState.dropped(entry), Integer::sum);
      }
    }
    generations.values().removeIf(count -> count == 0);
    return List.copyOf(generations.keySet());
  }

  @Override
  public Optional<Profile> open(String name) throws IOException {
    if (!Profile.isName(name)) {
      return Optional.empty();
    }
    ProfileState stored = states.stored(name);
    Run run = journal.since(stored.mark());
    Profile profile = stored.after(run.entries(), run.end()).profile();
    if (stored.isChangedBy(run.entries())) {
      journal.settle();
    }
    return profile.next() == 1 ? Optional.empty() : Optional.of(profile);
  }

  @Override
  public Generation commit(
      String name, int expectedCurrent, Digest image, Digest record, Because because)
      throws IOException {
    requireName(name);
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = current(name, expectedCurrent);
      Optional<Switch> back = before.profile().rolledBackFrom(image);
      if (back.isPresent() && !isCurrent(before.profile(), image)) {
        throw new StoreException.RolledBack(name, back.get());
      }
      roots.requireUsable(writer, image);
      int number = before.profile().next();
      Profile after =
          change(
              writer,
              before,
              because,
              ProfileState.GENERATION,
              ProfileText.facts(number, expectedCurrent, image, record, because.took()));
      return after.generation(number).orElseThrow();
    }
  }

  @Override
  public Profile makeCurrent(
      String name, int expectedCurrent, int number, Switch.Kind kind, Because because)
      throws IOException {
    requireName(name);
    if (kind == Switch.Kind.BUILD) {
      throw new IllegalArgumentException("a build makes a generation: use commit");
    }
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = current(name, expectedCurrent);
      Optional<Generation> wanted = before.profile().generation(number);
      if (wanted.isEmpty()) {
        throw new IllegalArgumentException("there is no generation " + name + "@" + number);
      }
      if (number == expectedCurrent) {
        journal.settle();
        point(before.profile());
        return before.profile();
      }
      roots.requireUsable(writer, wanted.get().image());
      return change(
          writer,
          before,
          because,
          ProfileState.kind(kind),
          ProfileText.facts(expectedCurrent, number));
    }
  }

  @Override
  public boolean activating(String name, int number, Because because) throws IOException {
    requireName(name);
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = states.now(name);
      boolean isCurrent = before.profile().current() == number;
      if (isCurrent) {
        change(
            writer,
            before,
            because,
            ProfileState.ACTIVATING,
            ProfileText.activated(number, because.took()));
      }
      return isCurrent;
    }
  }

  @Override
  public boolean activated(String name, int number, boolean well, Because because)
      throws IOException {
    requireName(name);
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = states.now(name);
      boolean isCurrent = before.profile().current() == number;
      if (!isCurrent && (well || before.profile().next() <= number)) {
        return false;
      }
      change(
          writer,
          before,
          because,
          well ? ProfileState.ACTIVATED : ProfileState.NOT_ACTIVATED,
          ProfileText.activated(number, because.took()));
      return isCurrent;
    }
  }

  /** What other programs read of what is current. */
  Currents currents() {
    return currents;
  }

  /**
   * Moves links that a crash left behind the journal.
   *
   * @throws StoreException.Corrupt if the journal is damaged or has lost its end
   */
  void pointAll() throws IOException {
    for (String name : names()) {
      point(name);
    }
  }

  /**
   * Moves the link of one profile, if a crash left it behind the journal, and writes its file anew
   * if that is far behind.
   */
  void point(String name) throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      if (writer.head().sequence() > 0) {
        point(states.caughtUp(name).profile());
      }
    }
  }

  /** Takes away their names from directories that nothing leads to, and says where they are now. */
  List<RelPath> disown(String name) throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      return writer.head().sequence() > 0 ? currents.disown(states.now(name).profile()) : List.of();
    }
  }

  /** What is current is so by the journal, whether or not others can read it. */
  private void point(Profile profile) {
    try {
      currents.point(profile);
    } catch (IOException e) {
      notices.accept(
          Currents.link(profile.name())
              + " could not be moved to "
              + profile.name()
              + "@"
              + profile.current()
              + ", which is current: "
              + e.getMessage()
              + "; the next change of "
              + profile.name()
              + " moves it");
    }
  }

  private static boolean isCurrent(Profile profile, Digest image) {
    return profile.currentGeneration().filter(now -> now.image().equals(image)).isPresent();
  }

  @Override
  public Profile drop(String name, Map<Integer, Set<String>> despite, Because because)
      throws IOException {
    requireName(name);
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = states.now(name);
      Profile profile = before.profile();
      RootState state = roots.file().read();
      List<Generation> doomed =
          profile.generations().stream()
              .filter(each -> despite.containsKey(each.number()))
              .toList();
      DropRules.require(profile, doomed, despite, state);
      return drop(writer, before, doomed, state, because);
    }
  }

  @Override
  public Profile dropAll(String name, int expectedCurrent, Because because) throws IOException {
    requireName(name);
    try (DiskJournal.Writer writer = journal.write()) {
      ProfileState before = current(name, expectedCurrent);
      return drop(writer, before, before.profile().generations(), roots.file().read(), because);
    }
  }

  /** In one entry, or in several if one cannot hold them: then the current one is in the last. */
  private Profile drop(
      DiskJournal.Writer writer,
      ProfileState before,
      List<Generation> doomed,
      RootState state,
      Because because)
      throws IOException {
    String name = before.profile().name();
    DropRules.requireUnkept(name, doomed, state);
    if (doomed.isEmpty()) {
      journal.settle();
      return before.profile();
    }
    List<Integer> numbers = new ArrayList<>();
    doomed.forEach(each -> numbers.add(each.number()));
    if (numbers.remove(Integer.valueOf(before.profile().current()))) {
      numbers.add(before.profile().current());
    }
    ProfileState now = before;
    for (int from = 0; from < numbers.size(); from += MOST_DROPPED) {
      List<Integer> some = numbers.subList(from, Math.min(from + MOST_DROPPED, numbers.size()));
      Profile after = change(writer, now, because, ProfileState.DROP, ProfileText.facts(some));
      now = new ProfileState(after, writer.head());
    }
    return now.profile();
  }

  /**
   * Writes all state files anew from the journal, without reading what they say.
   *
   * @return the number of profiles
   * @throws StoreException.Corrupt if the journal is damaged or has lost its end
   */
  int rebuild() throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      Run run = journal.whole().run();
      Map<String, List<Journal.Entry>> bySubject = new TreeMap<>();
      for (Journal.Entry entry : run.entries()) {
        if (ProfileState.isKind(entry.kind())) {
          bySubject.computeIfAbsent(entry.subject(), name -> new ArrayList<>()).add(entry);
        }
      }
      for (Map.Entry<String, List<Journal.Entry>> each : bySubject.entrySet()) {
        ProfileState state =
            ProfileState.empty(each.getKey()).after(each.getValue(), writer.head());
        states.write(state);
        point(state.profile());
      }
      roots.file().rebuild(run.entries(), writer.head());
      return bySubject.size();
    }
  }

  private static void requireName(String name) {
    if (!Profile.isName(name)) {
      throw new IllegalArgumentException(name + " cannot name a profile: " + Profile.NAME_RULE);
    }
  }

  /** The state under the journal's lock, refused if another generation is current. */
  private ProfileState current(String name, int expected) throws IOException {
    ProfileState state = states.now(name);
    int current = state.profile().current();
    if (current != expected) {
      throw new StoreException.Locked(
          "another command made "
              + name
              + "@"
              + current
              + " current meanwhile"
              + (expected == 0 ? "" : ", it was " + name + "@" + expected)
              + "; look at it, and run this again");
    }
    return state;
  }

  private Profile change(
      DiskJournal.Writer writer,
      ProfileState before,
      Because because,
      String kind,
      Map<String, ?> facts)
      throws IOException {
    String name = before.profile().name();
    Journal.Entry entry =
        writer.append(because, kind, name, ProfileText.noted(facts, because.notes()));
    ProfileState after = before.after(List.of(entry), writer.head());
    try {
      states.write(after);
    } catch (IOException e) {
      // the entry is the commit: the next change of this profile writes the file
      notices.accept(
          "the change of "
              + name
              + " is recorded in the journal, but "
              + ProfileFiles.file(name)
              + " could not be written: "
              + e.getMessage());
    }
    if (!ProfileState.OF_ACTIVATION.contains(kind)) {
      point(after.profile());
    }
    return after.profile();
  }

  /** Compares every file with the journal. One that is only behind is fine; changes nothing. */
  public List<Finding> check() throws IOException {
    return states.check();
  }

  /**
   * Writes the files anew that are damaged, from the journal.
   *
   * @return the files
   * @throws StoreException.Corrupt if the journal itself cannot be believed
   */
  List<RelPath> repair() throws IOException {
    return states.repair();
  }
}
