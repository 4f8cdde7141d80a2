package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Mark;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Pins, holds and marks of the last good generations as the journal has them up to {@code mark}:
 * what the file {@code roots} holds, and how an entry changes it.
 *
 * @param pins by name
 * @param holds by image
 * @param good the number last marked in each profile; it may have been dropped since
 */
record RootState(
    SortedMap<String, Root.Pin> pins,
    SortedMap<Digest, Root.Hold> holds,
    SortedMap<String, Integer> good,
    Mark mark) {
  static final String PIN = "pin";
  static final String UNPIN = "unpin";
  static final String HOLD = "hold";
  static final String RELEASE = "release";
  static final String GOOD = "good";
  private static final int FORMAT = 1;

  RootState {
    pins = Collections.unmodifiableSortedMap(new TreeMap<>(pins));
    holds = Collections.unmodifiableSortedMap(new TreeMap<>(holds));
    good = Collections.unmodifiableSortedMap(new TreeMap<>(good));
  }

  /** Before the first entry of the journal. */
  static RootState empty() {
    return new RootState(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), JournalText.START);
  }

  /** Whether both say the same, wherever in the journal they say it. */
  boolean saysAs(RootState other) {
    return pins.equals(other.pins) && holds.equals(other.holds) && good.equals(other.good);
  }

  /**
   * The state after the entries that follow {@link #mark}.
   *
   * @throws StoreException.Corrupt if an entry cannot be what it says
   */
  RootState after(List<Journal.Entry> entries, Mark end) throws StoreException {
    SortedMap<String, Root.Pin> pinned = new TreeMap<>(pins);
    SortedMap<Digest, Root.Hold> held = new TreeMap<>(holds);
    SortedMap<String, Integer> marked = new TreeMap<>(good);
    for (Journal.Entry entry : entries) {
      try {
        switch (entry.kind()) {
          case PIN -> pinned.put(entry.subject(), pin(entry));
          case UNPIN -> pinned.remove(entry.subject());
          case HOLD -> held.put(Digest.parse(entry.subject()), hold(entry));
          case RELEASE -> held.remove(Digest.parse(entry.subject()));
          case GOOD -> marked.put(entry.subject(), Json.small(facts(entry), "number"));
          default -> {} // about something else
        }
      } catch (IllegalArgumentException e) {
        throw new StoreException.Corrupt(
            "journal", "entry " + entry.sequence() + " keeps nothing: " + e.getMessage());
      }
    }
    return new RootState(pinned, held, marked, end);
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

  private static Map<String, Object> facts(Journal.Entry entry) {
    return Json.parse(entry.body());
  }

  /** The bytes of the file. */
  byte[] encode() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("sequence", mark.sequence());
    object.put("hash", mark.hash());
    object.put("end", mark.end());
    object.put("pins", pins.values().stream().map(RootState::encode).toList());
    object.put("holds", holds.values().stream().map(RootState::encode).toList());
    object.put("good", good);
    return StateFile.encode(object);
  }

  private static Map<String, Object> encode(Root.Pin pin) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", pin.name());
    object.put("image", pin.image().toString());
    object.put("when", pin.when().toString());
    object.put("who", pin.who());
    return object;
  }

  private static Map<String, Object> encode(Root.Hold hold) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("image", hold.image().toString());
    object.put("owner", hold.owner());
    object.put("reason", hold.reason());
    object.put("when", hold.when().toString());
    object.put("who", hold.who());
    return object;
  }

  /**
   * Reads the bytes of the file.
   *
   * @throws IllegalArgumentException if they are not what was stored
   */
  static RootState decode(byte[] bytes) {
    Map<String, Object> object = StateFile.decode(bytes);
    if (Json.number(object, "format") != FORMAT) {
      throw new IllegalArgumentException("it has a format this imgstore does not know");
    }
    try {
      SortedMap<String, Root.Pin> pins = new TreeMap<>();
      for (Object each : Json.list(object, "pins")) {
        Root.Pin pin = pin(Json.object(each));
        pins.put(pin.name(), pin);
      }
      SortedMap<Digest, Root.Hold> holds = new TreeMap<>();
      for (Object each : Json.list(object, "holds")) {
        Root.Hold hold = hold(Json.object(each));
        holds.put(hold.image(), hold);
      }
      Mark mark =
          new Mark(
              Json.number(object, "sequence"),
              Json.text(object, "hash"),
              Json.number(object, "end"));
      return new RootState(pins, holds, good(Json.object(object, "good")), mark);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("it has a time that is none", e);
    }
  }

  private static Root.Pin pin(Map<String, Object> object) {
    return new Root.Pin(
        Json.text(object, "name"),
        Digest.parse(Json.text(object, "image")),
        Instant.parse(Json.text(object, "when")),
        Json.text(object, "who"));
  }

  private static Root.Hold hold(Map<String, Object> object) {
    return new Root.Hold(
        Digest.parse(Json.text(object, "image")),
        Json.text(object, "owner"),
        Json.text(object, "reason"),
        Instant.parse(Json.text(object, "when")),
        Json.text(object, "who"));
  }

  private static SortedMap<String, Integer> good(Map<String, Object> object) {
    SortedMap<String, Integer> good = new TreeMap<>();
    for (String profile : object.keySet()) {
      if (!Profile.isName(profile)) {
        throw new IllegalArgumentException("it marks a generation of no profile");
      }
      good.put(profile, Json.small(object, profile));
    }
    return good;
  }

  /** What keeps this image besides generations, for a sentence; empty if nothing does. */
  List<String> keepers(Digest image) {
    List<String> keepers = new ArrayList<>();
    Root.Hold hold = holds.get(image);
    if (hold != null) {
      keepers.add("held by " + hold.owner() + " since " + hold.when() + ": " + hold.reason());
    }
    for (Root.Pin pin : pins.values()) {
      if (pin.image().equals(image)) {
        keepers.add("pinned by " + pin.name());
      }
    }
    return keepers;
  }
}
