package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.disk.JournalText.Mark;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The bytes of the file {@code roots}: of format 1 as long as that has room for all, so that an
 * older imgstore reads it, else of format 2.
 */
final class RootText {
  private static final int FORMAT = 1;

  /** With places of pins, tags, revocations and a schedule. */
  private static final int FORMAT_OF_MARKS = 2;

  private RootText() {}

  static byte[] encode(RootState state) {
    boolean isOld = state.isOfFormat1();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", isOld ? FORMAT : FORMAT_OF_MARKS);
    object.put("sequence", state.mark().sequence());
    object.put("hash", state.mark().hash());
    object.put("end", state.mark().end());
    object.put("pins", state.pins().values().stream().map(RootText::encode).toList());
    object.put("holds", state.holds().values().stream().map(RootText::encode).toList());
    object.put("good", state.good());
    if (!isOld) {
      object.put("tags", state.tags());
      object.put("revoked", state.revoked().values().stream().map(RootText::encode).toList());
      object.put("schedule", state.schedule().map(RootText::encode).orElse(Map.of()));
    }
    return StateFile.encode(object);
  }

  private static Map<String, Object> encode(Root.Pin pin) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", pin.name());
    object.put("image", pin.image().toString());
    object.put("when", pin.when().toString());
    object.put("who", pin.who());
    pin.spec().ifPresent(spec -> object.put("spec", PinText.encode(spec)));
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

  private static Map<String, Object> encode(Revocation revocation) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("image", revocation.image().toString());
    object.put("covers", RootState.texts(revocation.covers()));
    object.put("reason", revocation.reason());
    object.put("when", revocation.when().toString());
    object.put("who", revocation.who());
    return object;
  }

  private static Map<String, Object> encode(Schedule schedule) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("when", schedule.when());
    object.put("facts", schedule.facts());
    object.put("since", schedule.since().toString());
    object.put("who", schedule.who());
    return object;
  }

  /**
   * Reads the bytes of the file.
   *
   * @throws IllegalArgumentException if they are not what was stored
   */
  static RootState decode(byte[] bytes) {
    Map<String, Object> object = StateFile.decode(bytes);
    long format = Json.number(object, "format");
    if (format != FORMAT && format != FORMAT_OF_MARKS) {
      throw new IllegalArgumentException("it has a format this imgstore does not know");
    }
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
    boolean isOld = format == FORMAT;
    return new RootState(
        pins,
        holds,
        good(Json.object(object, "good")),
        isOld ? new TreeMap<>() : tags(Json.object(object, "tags")),
        isOld ? new TreeMap<>() : revoked(Json.list(object, "revoked")),
        isOld ? Optional.empty() : schedule(Json.object(object, "schedule")),
        new Mark(
            Json.number(object, "sequence"),
            Json.text(object, "hash"),
            Json.number(object, "end")));
  }

  private static Root.Pin pin(Map<String, Object> object) {
    return new Root.Pin(
        Json.text(object, "name"),
        Digest.parse(Json.text(object, "image")),
        PinText.moment(object, "when"),
        Json.text(object, "who"),
        object.containsKey("spec")
            ? Optional.of(PinText.spec(Json.object(object, "spec")))
            : Optional.empty());
  }

  private static Root.Hold hold(Map<String, Object> object) {
    return new Root.Hold(
        Digest.parse(Json.text(object, "image")),
        Json.text(object, "owner"),
        Json.text(object, "reason"),
        PinText.moment(object, "when"),
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

  private static SortedMap<String, SortedMap<String, Integer>> tags(Map<String, Object> object) {
    SortedMap<String, SortedMap<String, Integer>> tags = new TreeMap<>();
    for (String profile : object.keySet()) {
      Map<String, Object> some = Json.object(object, profile);
      SortedMap<String, Integer> numbers = new TreeMap<>();
      for (String tag : some.keySet()) {
        numbers.put(tag, Json.small(some, tag));
      }
      if (!Profile.isName(profile) || !some.keySet().stream().allMatch(Roots::isTag)) {
        throw new IllegalArgumentException("it tags a generation of no profile, or with no tag");
      }
      tags.put(profile, numbers);
    }
    return tags;
  }

  private static SortedMap<Digest, Revocation> revoked(List<?> list) {
    SortedMap<Digest, Revocation> revoked = new TreeMap<>();
    for (Object each : list) {
      Map<String, Object> object = Json.object(each);
      Revocation one =
          new Revocation(
              Digest.parse(Json.text(object, "image")),
              digests(Json.list(object, "covers")),
              Json.text(object, "reason"),
              Json.text(object, "who"),
              PinText.moment(object, "when"));
      revoked.put(one.image(), one);
    }
    return revoked;
  }

  private static Optional<Schedule> schedule(Map<String, Object> object) {
    return object.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Schedule(
                Json.text(object, "when"),
                texts(Json.object(object, "facts")),
                PinText.moment(object, "since"),
                Json.text(object, "who")));
  }

  /** The fields of an object whose values are text. */
  static SortedMap<String, String> texts(Map<String, Object> object) {
    SortedMap<String, String> texts = new TreeMap<>();
    object.keySet().forEach(field -> texts.put(field, Json.text(object, field)));
    return texts;
  }

  /** The digests of a list. */
  static SortedSet<Digest> digests(List<?> list) {
    SortedSet<Digest> digests = new TreeSet<>();
    for (Object each : list) {
      if (!(each instanceof String text)) {
        throw new IllegalArgumentException("no digest: " + each);
      }
      digests.add(Digest.parse(text));
    }
    return digests;
  }
}
