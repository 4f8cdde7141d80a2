package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Journal;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Mark;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A profile as the journal has it up to {@code mark}: what a file of {@code profiles/} holds, and
 * how an entry changes it.
 */
record ProfileState(Profile profile, Mark mark) {
  static final String GENERATION = "generation";
  private static final int FORMAT = 1;

  /** Before the first entry of the journal. */
  static ProfileState empty(String name) {
    return new ProfileState(Profile.empty(name), JournalText.START);
  }

  /** The kind of the entry that records a change of what is current. */
  static String kind(Switch.Kind kind) {
    return kind == Switch.Kind.BUILD ? GENERATION : kind.name().toLowerCase(Locale.ROOT);
  }

  /** The facts of a new generation. */
  static Map<String, Object> facts(int number, int from, Digest image, Digest record) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", number);
    facts.put("from", from);
    facts.put("image", image.toString());
    facts.put("record", record.toString());
    return facts;
  }

  /** The facts of a switch or rollback. */
  static Map<String, Object> facts(int from, int to) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("from", from);
    facts.put("to", to);
    return facts;
  }

  /** Whether an entry changes a profile of this name. */
  static boolean concerns(String name, Journal.Entry entry) {
    return entry.subject().equals(name)
        && (entry.kind().equals(GENERATION)
            || entry.kind().equals(kind(Switch.Kind.SWITCH))
            || entry.kind().equals(kind(Switch.Kind.ROLLBACK)));
  }

  /**
   * The state after the entries that follow {@link #mark}.
   *
   * @throws StoreException.Corrupt if an entry cannot follow
   */
  ProfileState after(List<Journal.Entry> entries, Mark end) throws StoreException {
    Profile now = profile;
    for (Journal.Entry entry : entries) {
      if (concerns(profile.name(), entry)) {
        try {
          now = apply(now, entry);
        } catch (IllegalArgumentException e) {
          throw new StoreException.Corrupt(
              "journal",
              "entry " + entry.sequence() + " cannot change " + now.name() + ": " + e.getMessage());
        }
      }
    }
    return new ProfileState(now, end);
  }

  private static Profile apply(Profile profile, Journal.Entry entry) {
    Map<String, Object> facts = Json.parse(entry.body());
    List<Generation> generations = new ArrayList<>(profile.generations());
    boolean isNew = entry.kind().equals(GENERATION);
    int to = Json.small(facts, isNew ? "number" : "to");
    if (isNew) {
      if (to < profile.next()) {
        throw new IllegalArgumentException("the number " + to + " was used before");
      }
      generations.add(
          new Generation(
              to,
              Digest.parse(Json.text(facts, "image")),
              Digest.parse(Json.text(facts, "record")),
              entry.when(),
              entry.who(),
              entry.why()));
    }
    List<Switch> history = new ArrayList<>(profile.history());
    Switch.Kind kind =
        isNew ? Switch.Kind.BUILD : Switch.Kind.valueOf(entry.kind().toUpperCase(Locale.ROOT));
    history.add(
        new Switch(kind, Json.small(facts, "from"), to, entry.when(), entry.who(), entry.why()));
    int next = isNew ? to + 1 : profile.next();
    return new Profile(profile.name(), to, next, generations, history);
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
    object.put("history", profile.history().stream().map(ProfileState::encode).toList());
    return StateFile.encode(object);
  }

  private static Map<String, Object> encode(Generation generation) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("number", generation.number());
    object.put("image", generation.image().toString());
    object.put("record", generation.record().toString());
    object.put("created", generation.created().toString());
    object.put("author", generation.author());
    object.put("message", generation.message());
    return object;
  }

  private static Map<String, Object> encode(Switch each) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("kind", kind(each.kind()));
    object.put("from", each.from());
    object.put("to", each.to());
    object.put("when", each.when().toString());
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
    if (Json.number(object, "format") != FORMAT) {
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
      List<Switch> history = new ArrayList<>();
      for (Object each : Json.list(object, "history")) {
        history.add(change(Json.object(each)));
      }
      int current = Json.small(object, "current");
      int next = Json.small(object, "next");
      Mark mark =
          new Mark(
              Json.number(object, "sequence"),
              Json.text(object, "hash"),
              Json.number(object, "end"));
      return new ProfileState(new Profile(name, current, next, generations, history), mark);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("it has a time that is none", e);
    }
  }

  private static Generation generation(Map<String, Object> object) {
    return new Generation(
        Json.small(object, "number"),
        Digest.parse(Json.text(object, "image")),
        Digest.parse(Json.text(object, "record")),
        Instant.parse(Json.text(object, "created")),
        Json.text(object, "author"),
        Json.text(object, "message"));
  }

  private static Switch change(Map<String, Object> object) {
    String kind = Json.text(object, "kind");
    return new Switch(
        kind.equals(GENERATION)
            ? Switch.Kind.BUILD
            : Switch.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
        Json.small(object, "from"),
        Json.small(object, "to"),
        Instant.parse(Json.text(object, "when")),
        Json.text(object, "who"),
        Json.text(object, "why"));
  }
}
