package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
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

/**
 * A profile as the journal has it up to {@code mark}: what a file of {@code states/} holds, and how
 * an entry changes it.
 */
record ProfileState(Profile profile, Mark mark) {
  static final String GENERATION = "generation";
  static final String DROP = "drop";
  static final String ACTIVATED = "activated";
  static final String NOT_ACTIVATED = "not-activated";

  /** In format 1, the history had no numbers. */
  private static final int FORMAT = 2;

  /** Milliseconds; left out where they are not known. */
  private static final String TOOK = "took";

  /** More of an entry, by name; left out where there is none. */
  private static final String NOTES = "notes";

  /** Left out where nothing was to be activated. */
  private static final String ACTIVATION = "activation";

  /** Before the first entry of the journal. */
  static ProfileState empty(String name) {
    return new ProfileState(Profile.empty(name), JournalText.START);
  }

  /** The kind of the entry that records a change of what is current. */
  static String kind(Switch.Kind kind) {
    return kind == Switch.Kind.BUILD ? GENERATION : kind.name().toLowerCase(Locale.ROOT);
  }

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

  private static SortedMap<String, String> notes(Map<String, Object> object) {
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

  private static Duration took(Map<String, Object> object) {
    return object.containsKey(TOOK) ? Duration.ofMillis(Json.number(object, TOOK)) : Duration.ZERO;
  }

  /** The facts of a switch or rollback. */
  static Map<String, Object> facts(int from, int to) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("from", from);
    facts.put("to", to);
    return facts;
  }

  /** How many generations an entry removes. */
  static int dropped(Journal.Entry entry) throws StoreException {
    try {
      return Json.list(Json.parse(entry.body()), "numbers").size();
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt(
          "journal", "entry " + entry.sequence() + " cannot be read: " + e.getMessage());
    }
  }

  /** The facts of generations that are removed. */
  static Map<String, Object> facts(Collection<Integer> numbers) {
    return Map.of("numbers", List.copyOf(numbers));
  }

  /** Whether an entry changes a profile of this name. */
  static boolean concerns(String name, Journal.Entry entry) {
    return entry.subject().equals(name) && isKind(entry.kind());
  }

  /** Whether entries of this kind change the profile they are about. */
  static boolean isKind(String kind) {
    return kind.equals(GENERATION)
        || kind.equals(kind(Switch.Kind.SWITCH))
        || kind.equals(kind(Switch.Kind.ROLLBACK))
        || kind.equals(DROP)
        || kind.equals(ACTIVATED)
        || kind.equals(NOT_ACTIVATED);
  }

  /** Whether any of the entries changes this profile. */
  boolean isChangedBy(List<Journal.Entry> entries) {
    return entries.stream().anyMatch(each -> concerns(profile.name(), each));
  }

  /**
   * The state after the entries that follow {@link #mark}.
   *
   * @throws StoreException.Corrupt if an entry cannot follow
   */
  ProfileState after(List<Journal.Entry> entries, Mark end) throws StoreException {
    if (!isChangedBy(entries)) {
      return new ProfileState(profile, end);
    }
    Replay now = new Replay(profile);
    for (Journal.Entry entry : entries) {
      if (concerns(profile.name(), entry)) {
        try {
          now.apply(entry);
        } catch (IllegalArgumentException e) {
          throw new StoreException.Corrupt(
              "journal",
              "entry "
                  + entry.sequence()
                  + " cannot change "
                  + profile.name()
                  + ": "
                  + e.getMessage());
        }
      }
    }
    return new ProfileState(now.profile(), end);
  }

  /** A profile while entries change it. */
  private static final class Replay {
    private final String name;
    private final SortedMap<Integer, Generation> generations = new TreeMap<>();
    private final List<Switch> history;
    private int current;
    private int next;
    private Profile.Activation activation;

    Replay(Profile before) {
      this.name = before.name();
      this.history = new ArrayList<>(before.history());
      this.current = before.current();
      this.next = before.next();
      this.activation = before.activation();
      before.generations().forEach(each -> generations.put(each.number(), each));
    }

    Profile profile() {
      return new Profile(
          name, current, next, List.copyOf(generations.values()), history, activation);
    }

    void apply(Journal.Entry entry) {
      Map<String, Object> facts = Json.parse(entry.body());
      if (entry.kind().equals(DROP)) {
        drop(Json.list(facts, "numbers"));
      } else if (entry.kind().equals(ACTIVATED) || entry.kind().equals(NOT_ACTIVATED)) {
        ended(entry, Json.small(facts, "number"));
      } else {
        change(entry, facts);
      }
    }

    private void change(Journal.Entry entry, Map<String, Object> facts) {
      boolean isNew = entry.kind().equals(GENERATION);
      int to = Json.small(facts, isNew ? "number" : "to");
      if (isNew) {
        add(to, entry, facts);
      } else if (!generations.containsKey(to)) {
        throw new IllegalArgumentException("there is no generation " + to);
      }
      Switch.Kind kind =
          isNew ? Switch.Kind.BUILD : Switch.Kind.valueOf(entry.kind().toUpperCase(Locale.ROOT));
      history.add(
          new Switch(kind, Json.small(facts, "from"), to, entry.when(), entry.who(), entry.why()));
      current = to;
      activation =
          Profiles.FOLLOWS.equals(notes(facts).get(Profiles.ACTIVATION))
              ? Profile.Activation.BEGUN
              : Profile.Activation.NONE;
    }

    private void ended(Journal.Entry entry, int number) {
      if (number == current) {
        activation =
            entry.kind().equals(ACTIVATED) ? Profile.Activation.DONE : Profile.Activation.FAILED;
      }
    }

    private void add(int number, Journal.Entry entry, Map<String, Object> facts) {
      if (number < next) {
        throw new IllegalArgumentException("the number " + number + " was used before");
      }
      generations.put(
          number,
          new Generation(
              number,
              Digest.parse(Json.text(facts, "image")),
              Digest.parse(Json.text(facts, "record")),
              entry.when(),
              entry.who(),
              entry.why(),
              took(facts),
              notes(facts)));
      next = number + 1;
    }

    /**
     * The current one goes only with all others: the profile then has none, as before its first.
     */
    private void drop(List<?> numbers) {
      for (Object each : numbers) {
        if (!(each instanceof Long number) || generations.remove(Math.toIntExact(number)) == null) {
          throw new IllegalArgumentException("there is no generation " + each);
        }
      }
      if (generations.isEmpty()) {
        current = 0;
        activation = Profile.Activation.NONE;
      } else if (!generations.containsKey(current)) {
        throw new IllegalArgumentException("it drops " + current + ", which is current");
      }
    }
  }

  /** The bytes of the file. */
  byte[] encode() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("profile", profile.name());
    object.put("sequence", mark.sequence());
    object.put("hash", mark.hash());
    object.put("end", mark.end());
    object.put("current", profile.current());
    object.put("next", profile.next());
    object.put("generations", profile.generations().stream().map(ProfileState::encode).toList());
    object.put("history", history());
    if (profile.activation() != Profile.Activation.NONE) {
      object.put(ACTIVATION, profile.activation().name().toLowerCase(Locale.ROOT));
    }
    return StateFile.encode(object);
  }

  /** Of a build that was made current after what was so before, its generation says the rest. */
  private List<Object> history() {
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
    object.put("kind", kind(each.kind()));
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
    if (format < 1 || format > FORMAT) {
      throw new IllegalArgumentException("it has a format this imgstore does not know");
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
        kind.equals(GENERATION)
            ? Switch.Kind.BUILD
            : Switch.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
        Json.small(object, "from"),
        Json.small(object, "to"),
        Times.parse(Json.text(object, "when")),
        Json.text(object, "who"),
        Json.text(object, "why"));
  }
}
