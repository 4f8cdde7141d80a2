package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.RootEntries.Fact;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
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
 * Changes of pins, holds and marks; {@link RootFile} is what they are.
 *
 * <p>Law 6: a change is acknowledged after its entry is durable, and what is read from an entry
 * that no file names yet is made durable before it is handed out. Law 2 is the caller's.
 */
final class DiskRoots implements Roots {
  private final RootFile file;
  private final RootEntries entries;
  private final Named profiles;
  private final Usable usable;

  DiskRoots(
      Filesystem files,
      DiskJournal journal,
      Consumer<String> notices,
      Named profiles,
      Currents.Manifests manifests) {
    this.file = new RootFile(files, journal, notices);
    this.entries = new RootEntries(journal, file);
    this.profiles = profiles;
    this.usable = new Usable(manifests);
  }

  /** Where a profile is looked up. */
  interface Named {
    /** As the journal has it now. */
    Optional<Profile> open(String name) throws IOException;
  }

  /** What they are. */
  RootFile file() {
    return file;
  }

  @Override
  public List<Root> all() throws IOException {
    return file.all();
  }

  @Override
  public List<Root.Pin> pins() throws IOException {
    return List.copyOf(file.told().pins().values());
  }

  @Override
  public SortedMap<String, SortedMap<String, Integer>> tags() throws IOException {
    return file.told().tags();
  }

  @Override
  public List<Revocation> revocations() throws IOException {
    return List.copyOf(file.told().revoked().values());
  }

  @Override
  public void requireUsable(Digest image) throws IOException {
    usable.require(file.told(), image);
  }

  /**
   * The same, for whoever is about to make it current.
   *
   * @param writer the journal's lock
   */
  void requireUsable(DiskJournal.Writer writer, Digest image) throws IOException {
    usable.require(file.read(writer), image);
  }

  @Override
  public Optional<Schedule> schedule() throws IOException {
    return file.told().schedule();
  }

  private static void requirePin(String name) {
    if (!Roots.isPinName(name)) {
      throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
    }
  }

  private static Fact pinned(String name, Digest image) {
    requirePin(name);
    return new Fact(RootState.PIN, name, Map.of("image", image.toString()));
  }

  @Override
  public void pin(String name, Digest image, Because because) throws IOException {
    entries.change(
        because,
        pinned(name, image),
        state -> !says(state.pins().get(name), image) && usable.require(state, image));
  }

  @Override
  public void pin(String name, Optional<Digest> expected, Digest image, Because because)
      throws IOException {
    entries.change(
        because,
        pinned(name, image),
        state -> {
          Root.Pin now = state.pins().get(name);
          return !says(now, image)
              && requireStill(name, expected, Optional.ofNullable(now).map(Root.Pin::image))
              && usable.require(state, image);
        });
  }

  private static boolean requireStill(String name, Optional<Digest> expected, Optional<Digest> now)
      throws StoreException.Locked {
    if (expected.equals(now)) {
      return true;
    }
    throw new StoreException.Locked(
        "another command changed "
            + name
            + " meanwhile, it is "
            + now.map(Digest::toString).orElse("gone")
            + "; look at it, and run this again");
  }

  @Override
  public List<PinChange> change(String subject, List<PinChange> changes, Because because)
      throws IOException {
    long names = changes.stream().map(PinChange::name).distinct().count();
    if (names < changes.size()) {
      throw new IllegalArgumentException("a pin changes once at a time");
    }
    List<PinChange> needed = new ArrayList<>();
    entries.record(
        because,
        state -> {
          needed.addAll(needed(state, changes, because));
          return PinText.entries(needed).stream()
              .map(some -> new Fact(RootState.PINS, subject, Map.of("changes", some)))
              .toList();
        });
    return needed;
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
        usable.require(state, pinned.image());
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
    Fact fact = pinned(alsoAs, image);
    RootState before =
        entries.record(
            because,
            state ->
                says(state.pins().get(name), image) && !says(state.pins().get(alsoAs), image)
                    ? List.of(fact)
                    : List.of());
    return says(before.pins().get(name), image);
  }

  @Override
  public boolean unpin(Root.Pin asItIs, Because because) throws IOException {
    return entries.change(
        because,
        new Fact(RootState.UNPIN, asItIs.name()),
        state -> asItIs.equals(state.pins().get(asItIs.name())));
  }

  @Override
  public boolean unpin(String name, Because because) throws IOException {
    return entries.change(
        because, new Fact(RootState.UNPIN, name), state -> state.pins().containsKey(name));
  }

  @Override
  public void hold(Digest image, String owner, Because because) throws IOException {
    Root.Hold wanted = new Root.Hold(image, owner, because.why(), because.when(), because.who());
    entries.change(
        because,
        new Fact(RootState.HOLD, image.toString(), Map.of("owner", owner)),
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
    return entries.change(
        because,
        new Fact(RootState.RELEASE, image.toString()),
        state -> state.holds().containsKey(image));
  }

  @Override
  public void good(String profile, int number, Because because) throws IOException {
    entries.change(
        because,
        new Fact(RootState.GOOD, profile, Map.of("number", number)),
        state ->
            usable.require(state, generation(profile, number).image())
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
    entries.change(
        because,
        new Fact(RootState.TAG, profile, facts),
        state ->
            !Objects.equals(tagged(state, profile, tag), generation(profile, number).number()));
  }

  @Override
  public boolean untag(String profile, String tag, Because because) throws IOException {
    return entries.change(
        because,
        new Fact(RootState.UNTAG, profile, Map.of("tag", tag)),
        state -> tagged(state, profile, tag) != null);
  }

  private static @Nullable Integer tagged(RootState state, String profile, String tag) {
    return state.tags().getOrDefault(profile, Collections.emptySortedMap()).get(tag);
  }

  private Generation generation(String profile, int number) throws IOException {
    return profiles
        .open(profile)
        .flatMap(found -> found.generation(number))
        .orElseThrow(
            () -> new IllegalArgumentException("there is no generation " + profile + "@" + number));
  }

  @Override
  public void revoke(Digest image, Because because) throws IOException {
    revoke(image, Collections.emptySortedSet(), because);
  }

  /** With what it covers, and what it covered before: its bytes may have gone since. */
  @Override
  public void revoke(Digest image, SortedSet<Digest> covers, Because because) throws IOException {
    entries.record(
        because,
        state -> {
          Revocation now = state.revoked().get(image);
          SortedSet<Digest> all = new TreeSet<>(covers);
          all.addAll(now == null ? Set.of() : now.covers());
          return says(now, new Revocation(image, all, because.why(), because.who(), because.when()))
              ? List.of()
              : List.of(
                  new Fact(
                      RootState.REVOKE, image.toString(), Map.of("covers", RootState.texts(all))));
        });
  }

  private static boolean says(@Nullable Revocation now, Revocation wanted) {
    return now != null
        && now.reason().equals(wanted.reason())
        && now.covers().containsAll(wanted.covers());
  }

  @Override
  public boolean reinstate(Digest image, Because because) throws IOException {
    return entries.change(
        because,
        new Fact(RootState.REINSTATE, image.toString()),
        state -> state.revoked().containsKey(image));
  }

  @Override
  public boolean schedule(String when, SortedMap<String, String> facts, Because because)
      throws IOException {
    Schedule wanted = new Schedule(when, facts, because.when(), because.who());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("when", when);
    all.put("facts", wanted.facts());
    return entries.change(
        because,
        new Fact(RootState.SCHEDULE, "store", all),
        state -> state.schedule().filter(now -> now.says(when, facts)).isEmpty());
  }

  @Override
  public boolean unschedule(Because because) throws IOException {
    return entries.change(
        because, new Fact(RootState.UNSCHEDULE, "store"), state -> state.schedule().isPresent());
  }
}
