package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Journal;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Pins of deploy specs as the journal and the file {@code roots} spell them. */
final class PinText {
  private static final String CHANGE = "change";
  private static final String PINNED = "pin";
  private static final String UNPINNED = "unpin";
  private static final String MISSING = "missing";
  private static final String FOUND = "found";

  /** Bytes of changes in one entry of the journal, which has room for some more. */
  private static final int MOST = 40_000;

  private PinText() {}

  /** Changes in as few entries of the journal as hold them, in order. */
  static List<List<Map<String, Object>>> entries(List<PinChange> changes) {
    List<List<Map<String, Object>>> entries = new ArrayList<>();
    int size = MOST;
    for (PinChange each : changes) {
      Map<String, Object> text = encode(each);
      int length = Json.print(text).getBytes(StandardCharsets.UTF_8).length + 1;
      if (size + length > MOST) {
        entries.add(new ArrayList<>());
        size = 0;
      }
      entries.get(entries.size() - 1).add(text);
      size += length;
    }
    return entries;
  }

  static Map<String, Object> encode(PinChange change) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (change instanceof PinChange.Pinned pinned) {
      object.put(CHANGE, PINNED);
      object.put("name", pinned.name());
      object.put("image", pinned.image().toString());
      object.put("spec", encode(pinned.spec()));
      return object;
    }
    object.put(
        CHANGE,
        change instanceof PinChange.Unpinned
            ? UNPINNED
            : change instanceof PinChange.Missing ? MISSING : FOUND);
    object.put("name", change.name());
    if (change instanceof PinChange.Missing missing) {
      object.put("since", missing.since().toString());
    }
    return object;
  }

  /**
   * What an entry changes.
   *
   * @throws IllegalArgumentException if it is not what {@link #encode} gave
   */
  static List<PinChange> changes(Map<String, Object> facts) {
    List<PinChange> changes = new ArrayList<>();
    for (Object each : Json.list(facts, "changes")) {
      changes.add(change(Json.object(each)));
    }
    return changes;
  }

  private static PinChange change(Map<String, Object> object) {
    String name = Json.text(object, "name");
    String kind = Json.text(object, CHANGE);
    return switch (kind) {
      case PINNED ->
          new PinChange.Pinned(
              name, Digest.parse(Json.text(object, "image")), spec(Json.object(object, "spec")));
      case UNPINNED -> new PinChange.Unpinned(name);
      case MISSING -> new PinChange.Missing(name, moment(object, "since"));
      case FOUND -> new PinChange.Found(name);
      default -> throw new IllegalArgumentException("no change of a pin: " + kind);
    };
  }

  static Map<String, Object> encode(Root.Spec spec) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("file", spec.file());
    object.put("lines", spec.lines());
    object.put("reference", spec.reference());
    object.put("owner", spec.owner());
    spec.expires().ifPresent(end -> object.put("expires", end.toString()));
    spec.missingSince().ifPresent(since -> object.put(MISSING, since.toString()));
    return object;
  }

  static Root.Spec spec(Map<String, Object> object) {
    List<Integer> lines = new ArrayList<>();
    for (Object each : Json.list(object, "lines")) {
      if (!(each instanceof Long line)) {
        throw new IllegalArgumentException("no line: " + each);
      }
      lines.add(Math.toIntExact(line));
    }
    return new Root.Spec(
        Json.text(object, "file"),
        lines,
        Json.text(object, "reference"),
        Json.text(object, "owner"),
        object.containsKey("expires") ? Optional.of(moment(object, "expires")) : Optional.empty(),
        object.containsKey(MISSING) ? Optional.of(moment(object, MISSING)) : Optional.empty());
  }

  static Instant moment(Map<String, Object> object, String field) {
    try {
      return Instant.parse(Json.text(object, field));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("field " + field + " is no time", e);
    }
  }

  /**
   * Makes a change.
   *
   * @param entry that says it
   * @return false if it was so before
   * @throws IllegalArgumentException if a pin is missed that is written nowhere
   */
  static boolean apply(SortedMap<String, Root.Pin> pins, PinChange change, Journal.Entry entry) {
    return apply(pins, change, entry.when(), entry.who());
  }

  /** The same, before there is an entry. */
  static boolean apply(
      SortedMap<String, Root.Pin> pins, PinChange change, Instant when, String who) {
    Root.Pin now = pins.get(change.name());
    Root.Pin then;
    if (change instanceof PinChange.Pinned pinned) {
      Optional<Root.Pin> same =
          Optional.ofNullable(now).filter(pin -> pin.image().equals(pinned.image()));
      then =
          new Root.Pin(
              pinned.name(),
              pinned.image(),
              same.map(Root.Pin::when).orElse(when),
              same.map(Root.Pin::who).orElse(who),
              Optional.of(pinned.spec()));
    } else if (now == null) {
      return false;
    } else if (change instanceof PinChange.Unpinned) {
      pins.remove(change.name());
      return true;
    } else {
      then = marked(now, change);
    }
    if (then.equals(now)) {
      return false;
    }
    pins.put(then.name(), then);
    return true;
  }

  private static Root.Pin marked(Root.Pin pin, PinChange change) {
    Root.Spec spec =
        pin.spec()
            .orElseThrow(
                () -> new IllegalArgumentException("pin " + pin.name() + " is in no deploy spec"));
    Root.Spec then = spec.found();
    if (change instanceof PinChange.Missing missing) {
      then = spec.missingSince().isPresent() ? spec : spec.missing(missing.since());
    }
    return new Root.Pin(pin.name(), pin.image(), pin.when(), pin.who(), Optional.of(then));
  }
}
