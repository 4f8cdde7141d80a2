package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Journal;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Mark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Pins, holds and marks as the journal has them up to {@code mark}: what the file {@code roots}
 * holds (see {@link RootText}), and how an entry changes it.
 *
 * @param pins by name
 * @param holds by image
 * @param good the number last marked in each profile; it may have been dropped since
 * @param tags names of generations and their numbers, of each profile that has some
 * @param revoked by image
 * @param schedule when the store is collected by itself
 */
record RootState(
    SortedMap<String, Root.Pin> pins,
    SortedMap<Digest, Root.Hold> holds,
    SortedMap<String, Integer> good,
    SortedMap<String, SortedMap<String, Integer>> tags,
    SortedMap<Digest, Revocation> revoked,
    Optional<Schedule> schedule,
    Mark mark) {
  static final String PIN = "pin";
  static final String UNPIN = "unpin";
  static final String HOLD = "hold";
  static final String RELEASE = "release";
  static final String GOOD = "good";
  static final String PINS = "pins";
  static final String TAG = "tag";
  static final String UNTAG = "untag";
  static final String REVOKE = "revoke";
  static final String REINSTATE = "reinstate";
  static final String SCHEDULE = "schedule";
  static final String UNSCHEDULE = "unschedule";

  /** Kinds that the file {@code roots} of format 1 has no room for. */
  static final Set<String> OF_FORMAT_2 =
      Set.of(PINS, TAG, UNTAG, REVOKE, REINSTATE, SCHEDULE, UNSCHEDULE);

  RootState {
    pins = Collections.unmodifiableSortedMap(new TreeMap<>(pins));
    holds = Collections.unmodifiableSortedMap(new TreeMap<>(holds));
    good = Collections.unmodifiableSortedMap(new TreeMap<>(good));
    tags = copy(tags);
    revoked = Collections.unmodifiableSortedMap(new TreeMap<>(revoked));
  }

  private static SortedMap<String, SortedMap<String, Integer>> copy(
      SortedMap<String, SortedMap<String, Integer>> tags) {
    SortedMap<String, SortedMap<String, Integer>> copy = new TreeMap<>();
    tags.forEach(
        (profile, some) -> {
          if (!some.isEmpty()) {
            copy.put(profile, Collections.unmodifiableSortedMap(new TreeMap<>(some)));
          }
        });
    return Collections.unmodifiableSortedMap(copy);
  }

  /** Before the first entry of the journal. */
  static RootState empty() {
    return new RootState(
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        Optional.empty(),
        JournalText.START);
  }

  /** Whether all of it has room in a file of format 1. */
  boolean isOfFormat1() {
    return tags.isEmpty()
        && revoked.isEmpty()
        && schedule.isEmpty()
        && pins.values().stream().allMatch(pin -> pin.spec().isEmpty());
  }

  /** Whether an entry of this kind changes what is here. */
  static boolean isKind(String kind) {
    return OF_FORMAT_2.contains(kind)
        || Set.of(PIN, UNPIN, HOLD, RELEASE, GOOD, ProfileState.DROP).contains(kind);
  }

  /** Why an image must not be used. */
  Optional<Revocation> revoked(Digest image) {
    Revocation own = revoked.get(image);
    return own != null
        ? Optional.of(own)
        : revoked.values().stream().filter(each -> each.isOf(image)).findFirst();
  }

  /** The tags of a generation, sorted. */
  List<String> tags(String profile, int number) {
    return tags.getOrDefault(profile, Collections.emptySortedMap()).entrySet().stream()
        .filter(each -> each.getValue() == number)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The state after the entries that follow {@link #mark}.
   *
   * @throws StoreException.Corrupt if an entry cannot be what it says
   */
  RootState after(List<Journal.Entry> entries, Mark end) throws StoreException {
    Replay now = new Replay(this);
    for (Journal.Entry entry : entries) {
      try {
        now.apply(entry);
      } catch (IllegalArgumentException e) {
        throw new StoreException.Corrupt(
            "journal", "entry " + entry.sequence() + " keeps nothing: " + e.getMessage());
      }
    }
    return now.at(end);
  }

  /** The state while entries change it. */
  private static final class Replay {
    private final SortedMap<String, Root.Pin> pins;
    private final SortedMap<Digest, Root.Hold> holds;
    private final SortedMap<String, Integer> good;
    private final SortedMap<String, SortedMap<String, Integer>> tags = new TreeMap<>();
    private final SortedMap<Digest, Revocation> revoked;
    private Optional<Schedule> schedule;

    Replay(RootState before) {
      pins = new TreeMap<>(before.pins);
      holds = new TreeMap<>(before.holds);
      good = new TreeMap<>(before.good);
      before.tags.forEach((profile, some) -> tags.put(profile, new TreeMap<>(some)));
      revoked = new TreeMap<>(before.revoked);
      schedule = before.schedule;
    }

    RootState at(Mark end) {
      return new RootState(pins, holds, good, tags, revoked, schedule, end);
    }

    void apply(Journal.Entry entry) {
      String subject = entry.subject();
      switch (entry.kind()) {
        case PIN -> pins.put(subject, pin(entry));
        case UNPIN -> pins.remove(subject);
        case PINS -> PinText.changes(facts(entry)).forEach(each -> change(each, entry));
        case HOLD -> holds.put(Digest.parse(subject), hold(entry));
        case RELEASE -> holds.remove(Digest.parse(subject));
        case GOOD -> good.put(subject, Json.small(facts(entry), "number"));
        case TAG -> tagsOf(subject).put(tag(entry), Json.small(facts(entry), "number"));
        case UNTAG -> tagsOf(subject).remove(tag(entry));
        case ProfileState.DROP -> drop(subject, Json.list(facts(entry), "numbers"));
        case REVOKE -> revoked.put(Digest.parse(subject), revocation(entry));
        case REINSTATE -> revoked.remove(Digest.parse(subject));
        case SCHEDULE -> schedule = Optional.of(schedule(entry));
        case UNSCHEDULE -> schedule = Optional.empty();
        default -> {} // about something else
      }
    }

    private void change(PinChange change, Journal.Entry entry) {
      PinText.apply(pins, change, entry);
    }

    private SortedMap<String, Integer> tagsOf(String profile) {
      return tags.computeIfAbsent(profile, name -> new TreeMap<>());
    }

    private void drop(String profile, List<?> numbers) {
      tagsOf(profile).values().removeIf(each -> numbers.contains(Long.valueOf(each)));
    }
  }

  private static Root.Pin pin(Journal.Entry entry) {
    Digest image = Digest.parse(Json.text(facts(entry), "image"));
    return new Root.Pin(entry.subject(), image, entry.when(), entry.who());
  }

  private static Root.Hold hold(Journal.Entry entry) {
    return new Root.Hold(
        Digest.parse(entry.subject()),
        Json.text(facts(entry), "owner"),
        entry.why(),
        entry.when(),
        entry.who());
  }

  private static String tag(Journal.Entry entry) {
    return Json.text(facts(entry), "tag");
  }

  private static Revocation revocation(Journal.Entry entry) {
    SortedSet<Digest> covers = RootText.digests(Json.list(facts(entry), "covers"));
    return new Revocation(
        Digest.parse(entry.subject()), covers, entry.why(), entry.who(), entry.when());
  }

  private static Schedule schedule(Journal.Entry entry) {
    Map<String, Object> facts = facts(entry);
    return new Schedule(
        Json.text(facts, "when"),
        RootText.texts(Json.object(facts, "facts")),
        entry.when(),
        entry.who());
  }

  private static Map<String, Object> facts(Journal.Entry entry) {
    return Json.parse(entry.body());
  }

  /** What keeps this image besides generations, for a sentence; empty if nothing does. */
  List<String> keepers(Digest image) {
    List<String> keepers = new ArrayList<>();
    Root.Hold hold = holds.get(image);
    if (hold != null) {
      keepers.add(hold.keeping() + " since " + hold.when() + ": " + hold.reason());
    }
    for (Root.Pin pin : pins.values()) {
      if (pin.image().equals(image)) {
        keepers.add(pin.keeping());
      }
    }
    return keepers;
  }

  /** The digests in the order of a set, as text. */
  static List<String> texts(SortedSet<Digest> digests) {
    return new TreeSet<>(digests).stream().map(Digest::toString).toList();
  }
}
