package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.disk.JournalText.Mark;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is written of profiles: the facts of their entries, and the bytes of their files. */
final class ProfileText {
  /** In format 1, the history had no numbers. */
  private static final int FORMAT = 2;

  /** Milliseconds; left out where they are not known. */
  private static final String TOOK = "took";

  /** More of an entry, by name; left out where there is none. */
  private static final String NOTES = "notes";

  /** Left out where nothing was to be activated. */
  private static final String ACTIVATION = "activation";

  private ProfileText() {}

  /** The facts of a new generation, and how many milliseconds it took if that is known. */
  static Map<String, Object> facts(
      int number, int from, Digest image, Digest record, Duration took) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", number);
    facts.put("from", from);
    facts.put("image", image.toString());
    facts.put("record", record.toString());
    took(facts, took);
    return facts;
  }

  private static void took(Map<String, Object> object, Duration took) {
    if (took.toMillis() > 0) {
      object.put(TOOK, took.toMillis());
    }
  }

  /** The facts with the notes. */
  static Map<String, Object> noted(Map<String, ?> facts, SortedMap<String, String> notes) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    if (!notes.isEmpty()) {
      all.put(NOTES, notes);
    }
    return all;
  }

  static SortedMap<String, String> notes(Map<String, Object> object) {
    SortedMap<String, String> notes = new TreeMap<>();
    if (object.containsKey(NOTES)) {
      Map<String, Object> found = Json.object(object, NOTES);
      for (String name : found.keySet()) {
        notes.put(name, Json.text(found, name));
      }
    }
    return notes;
  }

  /** The facts of how an activation ended. */
  static Map<String, Object> activated(int number, Duration took) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", number);
    took(facts, took);
    return facts;
  }

  static Duration took(Map<String, Object> object) {
    return object.containsKey(TOOK) ? Duration.ofMillis(Json.number(object, TOOK)) : Duration.ZERO;
  }

  /** The facts of a switch or rollback. */
  static Map<String, Object> facts(int from, int to) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("from", from);
    facts.put("to", to);
    return facts;
  }

  /** The facts of generations that are removed. */
  static Map<String, Object> facts(Collection<Integer> numbers) {
    return Map.of("numbers", List.copyOf(numbers));
  }

  /** The bytes of the file. */
  static byte[] encode(ProfileState state) {
    Profile profile = state.profile();
    Mark mark = state.mark();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("profile", profile.name());
    object.put("sequence", mark.sequence());
    object.put("hash", mark.hash());
    object.put("end", mark.end());
    object.put("current", profile.current());
    object.put("next", profile.next());
    object.put("generations", profile.generations().stream().map(ProfileText::encode).toList());
    object.put("history", history(profile));
    if (profile.activation() != Profile.Activation.NONE) {
      object.put(ACTIVATION, profile.activation().name().toLowerCase(Locale.ROOT));
    }
    return StateFile.encode(object);
  }

  /** Of a build that was made current after what was so before, its generation says the rest. */
  private static List<Object> history(Profile profile) {
    Map<Integer, Generation> made = new HashMap<>();
    profile.generations().forEach(each -> made.put(each.number(), each));
    List<Object> history = new ArrayList<>();
    int before = 0;
    for (Switch each : profile.history()) {
      Generation generation = made.get(each.to());
      boolean isTold = generation != null && isBuilt(each, before, generation);
      history.add(isTold ? each.to() : encode(each));
      before = each.to();
    }
    return history;
  }

  /** Written out: what compares two records is linked at run time, at every start. */
  private static boolean isBuilt(Switch change, int from, Generation generation) {
    return change.kind() == Switch.Kind.BUILD
        && change.from() == from
        && change.when().equals(generation.created())
        && change.who().equals(generation.author())
        && change.why().equals(generation.message());
  }

  private static Switch built(int from, Generation generation) {
    return new Switch(
        Switch.Kind.BUILD,
        from,
        generation.number(),
        generation.created(),
        generation.author(),
        generation.message());
  }

  private static Map<String, Object> encode(Generation generation) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("number", generation.number());
    object.put("image", generation.image().toString());
    object.put("record", generation.record().toString());
    object.put("created", Times.print(generation.created()));
    object.put("author", generation.author());
    object.put("message", generation.message());
    took(object, generation.took());
    return noted(object, generation.notes());
  }

  /** All that is known of a change. */
  static Map<String, Object> encode(Switch each) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("kind", ProfileState.kind(each.kind()));
    object.put("from", each.from());
    object.put("to", each.to());
    object.put("when", Times.print(each.when()));
    object.put("who", each.who());
    object.put("why", each.why());
    return object;
  }

  /**
   * Reads the bytes of the file of a profile.
   *
   * @throws IllegalArgumentException if they are not what was stored for it
   */
  static ProfileState decode(String name, byte[] bytes) {
    Map<String, Object> object = StateFile.decode(bytes);
    long format = Json.number(object, "format");
    if (format > FORMAT) {
      throw new StateFile.Later();
    }
    if (format < 1) {
      throw new IllegalArgumentException("it has a format that there never was");
    }
    if (!Json.text(object, "profile").equals(name)) {
      throw new IllegalArgumentException("it is about another profile");
    }
    try {
      List<Generation> generations = new ArrayList<>();
      for (Object each : Json.list(object, "generations")) {
        generations.add(generation(Json.object(each)));
      }
      List<Switch> history = history(Json.list(object, "history"), generations);
      int current = Json.small(object, "current");
      int next = Json.small(object, "next");
      Mark mark =
          new Mark(
              Json.number(object, "sequence"),
              Json.text(object, "hash"),
              Json.number(object, "end"));
      Profile.Activation activation =
          object.containsKey(ACTIVATION)
              ? Profile.Activation.valueOf(Json.text(object, ACTIVATION).toUpperCase(Locale.ROOT))
              : Profile.Activation.NONE;
      return new ProfileState(
          new Profile(name, current, next, generations, history, activation), mark);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("it has a time that is none", e);
    }
  }

  private static List<Switch> history(List<?> list, List<Generation> generations) {
    Map<Long, Generation> made = new HashMap<>();
    generations.forEach(each -> made.put((long) each.number(), each));
    List<Switch> history = new ArrayList<>();
    int before = 0;
    for (Object each : list) {
      Generation generation = each instanceof Long number ? made.get(number) : null;
      Switch change = generation == null ? change(Json.object(each)) : built(before, generation);
      history.add(change);
      before = change.to();
    }
    return history;
  }

  private static Generation generation(Map<String, Object> object) {
    return new Generation(
        Json.small(object, "number"),
        Digest.parse(Json.text(object, "image")),
        Digest.parse(Json.text(object, "record")),
        Times.parse(Json.text(object, "created")),
        Json.text(object, "author"),
        Json.text(object, "message"),
        took(object),
        notes(object));
  }

  private static Switch change(Map<String, Object> object) {
    String kind = Json.text(object, "kind");
    return new Switch(
        kind.equals(ProfileState.GENERATION)
            ? Switch.Kind.BUILD
            : Switch.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
        Json.small(object, "from"),
        Json.small(object, "to"),
        Times.parse(Json.text(object, "when")),
        Json.text(object, "who"),
        Json.text(object, "why"));
  }
}
