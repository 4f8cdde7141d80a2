package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Journal;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
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

  /** Entries after the last one that the file names, before it is written anew. */
  private static final int MOST_BEHIND = 256;

  private final Filesystem files;
  private final DiskJournal journal;
  private final Consumer<String> notices;
  private final Named profiles;
  private final Currents.Manifests manifests;

  DiskRoots(
      Filesystem files,
      DiskJournal journal,
      Consumer<String> notices,
      Named profiles,
      Currents.Manifests manifests) {
    this.files = files;
    this.journal = journal;
    this.notices = notices;
    this.profiles = profiles;
    this.manifests = manifests;
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
    if (run.entries().size() > MOST_BEHIND) {
      journal.settle();
      write(now, "everything");
    }
    return now;
  }

  /** The state, to be told to somebody: what it says is durable. */
  private RootState told() throws IOException {
    RootState stored = stored();
    Run run = journal.since(stored.mark());
    if (run.entries().stream().anyMatch(each -> RootState.isKind(each.kind()))) {
      journal.settle();
    }
    return stored.after(run.entries(), run.end());
  }

  @Override
  public List<Root.Pin> pins() throws IOException {
    return List.copyOf(told().pins().values());
  }

  @Override
  public SortedMap<String, SortedMap<String, Integer>> tags() throws IOException {
    return told().tags();
  }

  @Override
  public List<Revocation> revocations() throws IOException {
    return List.copyOf(told().revoked().values());
  }

  @Override
  public void requireUsable(Digest image) throws IOException {
    isUsable(told(), image);
  }

  @Override
  public Optional<Schedule> schedule() throws IOException {
    return told().schedule();
  }

  private static void requirePin(String name) {
    if (!Roots.isPinName(name)) {
      throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
    }
  }

  private static Map<String, String> facts(Digest image) {
    return Map.of("image", image.toString());
  }

  @Override
  public void pin(String name, Digest image, Because because) throws IOException {
    requirePin(name);
    change(
        because,
        RootState.PIN,
        name,
        facts(image),
        state -> !says(state.pins().get(name), image) && isUsable(state, image));
  }

  @Override
  public void pin(String name, Optional<Digest> expected, Digest image, Because because)
      throws IOException {
    requirePin(name);
    change(
        because,
        RootState.PIN,
        name,
        facts(image),
        state -> {
          Root.Pin now = state.pins().get(name);
          if (says(now, image)) {
            return false;
          }
          if (!expected.equals(Optional.ofNullable(now).map(Root.Pin::image))) {
            throw new StoreException.Locked(
                "another command changed "
                    + name
                    + " meanwhile"
                    + (now == null ? ", it is gone" : ", it is " + now.image())
                    + "; look at it, and run this again");
          }
          return isUsable(state, image);
        });
  }

  /**
   * True; a revoked image is refused, and so is an index that any part of is revoked. Only where
   * something is revoked manifests are read; of one that cannot be read nothing is known but its
   * digest.
   */
  boolean isUsable(RootState state, Digest image) throws StoreException {
    if (state.revoked().isEmpty()) {
      return true;
    }
    Set<Digest> seen = new HashSet<>(Set.of(image));
    Deque<Digest> left = new ArrayDeque<>(seen);
    while (!left.isEmpty()) {
      Digest next = left.remove();
      Optional<Revocation> revoked = state.revoked(next);
      if (revoked.isPresent()) {
        throw new StoreException.Revoked(next, revoked.get());
      }
      parts(next).stream().filter(seen::add).forEach(left::add);
    }
    return true;
  }

  /** The manifests that an index names. */
  private List<Digest> parts(Digest image) {
    Optional<byte[]> bytes = manifests.read(image);
    try {
      return bytes.isPresent()
              && ImageManifest.parse(image, bytes.get()) instanceof ImageManifest.Index index
          ? index.manifests().stream().map(each -> each.manifest().digest()).toList()
          : List.of();
    } catch (StoreException e) {
      return List.of(); // damaged: verify says so
    }
  }

  @Override
  public List<PinChange> change(String subject, List<PinChange> changes, Because because)
      throws IOException {
    long names = changes.stream().map(PinChange::name).distinct().count();
    if (names < changes.size()) {
      throw new IllegalArgumentException("a pin changes once at a time");
    }
    try (DiskJournal.Writer writer = journal.write()) {
      RootState state = read();
      List<PinChange> needed = needed(state, changes, because);
      if (needed.isEmpty()) {
        journal.settle();
        return needed;
      }
      for (List<Map<String, Object>> some : PinText.entries(needed)) {
        Journal.Entry entry =
            writer.append(because, RootState.PINS, subject, Map.of("changes", some));
        state = state.after(List.of(entry), writer.head());
      }
      write(state, "the change of " + subject);
      return needed;
    }
  }

  /** Those that change something, what is pinned first. */
  private List<PinChange> needed(RootState state, List<PinChange> changes, Because because)
      throws StoreException {
    SortedMap<String, Root.Pin> pins = new TreeMap<>(state.pins());
    List<PinChange> first = new ArrayList<>();
    List<PinChange> then = new ArrayList<>();
    for (PinChange each : changes) {
      boolean isPinned = each instanceof PinChange.Pinned;
      if (each instanceof PinChange.Pinned pinned && !says(pins.get(each.name()), pinned.image())) {
        isUsable(state, pinned.image());
      }
      if (PinText.apply(pins, each, because.when(), because.who())) {
        (isPinned ? first : then).add(each);
      }
    }
    first.addAll(then);
    return first;
  }

  @Override
  public boolean keep(String name, Digest image, String alsoAs, Because because)
      throws IOException {
    requirePin(alsoAs);
    try (DiskJournal.Writer writer = journal.write()) {
      RootState before = read();
      boolean isThere = says(before.pins().get(name), image);
      if (!isThere || says(before.pins().get(alsoAs), image)) {
        journal.settle();
        return isThere;
      }
      append(writer, before, because, RootState.PIN, alsoAs, facts(image));
      return true;
    }
  }

  @Override
  public boolean unpin(Root.Pin asItIs, Because because) throws IOException {
    return change(
        because,
        RootState.UNPIN,
        asItIs.name(),
        Map.of(),
        state -> asItIs.equals(state.pins().get(asItIs.name())));
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
        state ->
            isUsable(state, generation(profile, number).image())
                && !Objects.equals(state.good().get(profile), number));
  }

  @Override
  public void tag(String profile, String tag, int number, Because because) throws IOException {
    if (!Roots.isTag(tag)) {
      throw new IllegalArgumentException("not a tag: " + tag + "; " + Roots.TAG_RULE);
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("tag", tag);
    facts.put("number", number);
    change(
        because,
        RootState.TAG,
        profile,
        facts,
        state ->
            generation(profile, number).number()
                != Objects.requireNonNullElse(tagged(state, profile, tag), 0));
  }

  @Override
  public boolean untag(String profile, String tag, Because because) throws IOException {
    return change(
        because,
        RootState.UNTAG,
        profile,
        Map.of("tag", tag),
        state -> tagged(state, profile, tag) != null);
  }

  private static @Nullable Integer tagged(RootState state, String profile, String tag) {
    return state.tags().getOrDefault(profile, Collections.emptySortedMap()).get(tag);
  }

  @Override
  public void revoke(Digest image, Because because) throws IOException {
    revoke(image, Collections.emptySortedSet(), because);
  }

  /** With what it covers, and what it covered before: its bytes may have gone since. */
  void revoke(Digest image, SortedSet<Digest> covers, Because because) throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      RootState before = read();
      Revocation now = before.revoked().get(image);
      SortedSet<Digest> all = new TreeSet<>(covers);
      all.addAll(now == null ? Set.of() : now.covers());
      if (says(now, new Revocation(image, all, because.why(), because.who(), because.when()))) {
        journal.settle();
        return;
      }
      Map<String, ?> facts = Map.of("covers", RootState.texts(all));
      append(writer, before, because, RootState.REVOKE, image.toString(), facts);
    }
  }

  private static boolean says(@Nullable Revocation now, Revocation wanted) {
    return now != null
        && now.reason().equals(wanted.reason())
        && now.covers().containsAll(wanted.covers());
  }

  @Override
  public boolean reinstate(Digest image, Because because) throws IOException {
    return change(
        because,
        RootState.REINSTATE,
        image.toString(),
        Map.of(),
        state -> state.revoked().containsKey(image));
  }

  @Override
  public boolean schedule(String when, SortedMap<String, String> facts, Because because)
      throws IOException {
    Schedule wanted = new Schedule(when, facts, because.when(), because.who());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("when", when);
    all.put("facts", wanted.facts());
    return change(
        because,
        RootState.SCHEDULE,
        "store",
        all,
        state -> state.schedule().filter(now -> now.says(when, facts)).isEmpty());
  }

  @Override
  public boolean unschedule(Because because) throws IOException {
    return change(
        because, RootState.UNSCHEDULE, "store", Map.of(), state -> state.schedule().isPresent());
  }

  private Generation generation(String profile, int number) throws IOException {
    return profiles
        .open(profile)
        .flatMap(found -> found.generation(number))
        .orElseThrow(
            () -> new IllegalArgumentException("there is no generation " + profile + "@" + number));
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
      append(writer, before, because, kind, subject, facts);
      return true;
    }
  }

  private void append(
      DiskJournal.Writer writer,
      RootState before,
      Because because,
      String kind,
      String subject,
      Map<String, ?> facts)
      throws IOException {
    Journal.Entry entry = writer.append(because, kind, subject, facts);
    write(before.after(List.of(entry), writer.head()), kind);
  }

  private void write(RootState state, String what) {
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
