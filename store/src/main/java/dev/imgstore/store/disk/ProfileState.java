package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
  static final String ACTIVATING = "activating";

  /** Kinds that leave what is current as it is. */
  static final Set<String> OF_ACTIVATION = Set.of(ACTIVATING, ACTIVATED, NOT_ACTIVATED);

  /** Before the first entry of the journal. */
  static ProfileState empty(String name) {
    return new ProfileState(Profile.empty(name), JournalText.START);
  }

  /** The kind of the entry that records a change of what is current. */
  static String kind(Switch.Kind kind) {
    return kind == Switch.Kind.BUILD ? GENERATION : kind.name().toLowerCase(Locale.ROOT);
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
        || OF_ACTIVATION.contains(kind);
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
      } else if (OF_ACTIVATION.contains(entry.kind())) {
        activation(entry.kind(), Json.small(facts, "number"));
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
          Profiles.FOLLOWS.equals(ProfileText.notes(facts).get(Profiles.ACTIVATION))
              ? Profile.Activation.BEGUN
              : Profile.Activation.NONE;
    }

    private void activation(String kind, int number) {
      if (number == current) {
        activation =
            kind.equals(ACTIVATING)
                ? Profile.Activation.BEGUN
                : kind.equals(ACTIVATED) ? Profile.Activation.DONE : Profile.Activation.FAILED;
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
              ProfileText.took(facts),
              ProfileText.notes(facts)));
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
}
