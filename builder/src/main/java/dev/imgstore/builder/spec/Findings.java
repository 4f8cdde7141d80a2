package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What the readers of one file find: mentions, what they leave, and what is wrong. */
final class Findings {
  private static final int MOST = 10_000;

  /** How certainly a text is an image. */
  private enum Trust {
    SURE,
    LIKELY,
    PERHAPS
  }

  private final SpecText text;
  private final List<Mention> mentions = new ArrayList<>();
  private final List<Note> left = new ArrayList<>();
  private final List<Note> wrong = new ArrayList<>();
  private final Set<Integer> seen = new HashSet<>();
  private final Set<Integer> looked = new HashSet<>();
  private final Set<Node> skipped = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean full;

  Findings(SpecText text) {
    this.text = text;
  }

  SpecText text() {
    return text;
  }

  List<Mention> mentions() {
    return mentions;
  }

  List<Note> left() {
    return left;
  }

  List<Note> wrong() {
    return wrong;
  }

  /** Something that may name images, which are not known, and is not changed. */
  void left(int place, String remark) {
    left(place, remark, List.of());
  }

  /** Something that may name these images and is not changed; told once for each place. */
  void left(int place, String remark, List<String> images) {
    if (looked.add(place)) {
      leave(place, remark, images);
    }
  }

  private void leave(int place, String remark, List<String> images) {
    if (left.size() < MOST) {
      left.add(text.note(place, remark, images));
    }
  }

  /** Whether the value that begins there was found to name an image or not, or left. */
  boolean isLooked(int place) {
    return looked.contains(place);
  }

  /** Marks a value as looked at; false if it was before. */
  boolean look(int place) {
    return looked.add(place);
  }

  /** What is in there is known not to decide which images run. */
  void skip(Node node) {
    skipped.add(node);
  }

  boolean isSkipped(Node node) {
    return skipped.contains(node);
  }

  /** Something that keeps the file from being understood. */
  void wrong(int place, String remark) {
    if (wrong.size() < MOST) {
      wrong.add(text.note(place, remark, List.of()));
    }
  }

  /** A reference; the same place is found once, however often an alias stands for it. */
  void mention(int place, String where, Reference reference, Slot slot) {
    mention(place, where, reference, slot, Trust.SURE);
  }

  /**
   * The same where several fields are put together as those of an image are.
   *
   * @param called whether they are also called an image
   */
  void guess(int place, String where, Reference reference, Slot slot, boolean called) {
    boolean likely = hasHost(reference.name()) || (called && isTagged(reference.toString()));
    mention(place, where, reference, slot, likely ? Trust.LIKELY : Trust.PERHAPS);
  }

  private void mention(int place, String where, Reference reference, Slot slot, Trust trust) {
    if (!seen.add(slot.from()) || full) {
      return;
    }
    full = mentions.size() == MOST;
    if (full) {
      wrong(place, "a file names at most " + MOST + " images");
      return;
    }
    Note at = text.note(place, "", List.of());
    mentions.add(
        new Mention(
            at.line(), at.column(), Note.clean(where), reference, slot, trust == Trust.PERHAPS));
  }

  /** Whether a text is the work of a template or of variables, so that it names nothing yet. */
  static boolean isOpen(String value) {
    return value.contains("{{") || value.contains("$") || value.contains("%{");
  }

  /** A scalar that is a whole reference, after a prefix that it must have. */
  void whole(Node.Scalar scalar, String prefix, String where) {
    whole(scalar, prefix, where, Trust.SURE);
  }

  /** The same where a text is called an image: what is no reference is left. */
  void guess(Node.Scalar scalar, String where) {
    guess(scalar, "", where);
  }

  void guess(Node.Scalar scalar, String prefix, String where) {
    String value = scalar.value().substring(prefix.length());
    boolean likely = !prefix.isEmpty() || hasHost(value) || isTagged(value);
    whole(scalar, prefix, where, likely ? Trust.LIKELY : Trust.PERHAPS);
  }

  /** Whether a name says which registry it is of, as hardly anything does that is no image. */
  static boolean hasHost(String name) {
    int slash = name.indexOf('/');
    String first = name.substring(0, Math.max(0, slash));
    return first.contains(".") || first.contains(":") || first.equals("localhost");
  }

  /** Whether something follows the name, as hardly anything that is called an image has. */
  static boolean isTagged(String value) {
    return value.lastIndexOf(':') > value.lastIndexOf('/') || value.contains("@");
  }

  /** The same where it may well be something else: that is left unless the image is known. */
  void perhaps(Node.Scalar scalar, String where) {
    whole(scalar, "", where, Trust.PERHAPS);
  }

  private void whole(Node.Scalar scalar, String prefix, String where, Trust trust) {
    if (!scalar.value().startsWith(prefix) || !looked.add(scalar.at())) {
      return;
    }
    String value = scalar.value().substring(prefix.length());
    List<String> images = List.of(value);
    if (isOpen(value)) {
      leave(scalar.at(), where + " holds a variable: " + shown(value), images);
    } else if (value.isBlank()) {
      leave(scalar.at(), where + " is empty", images);
    } else if (scalar.style() == Node.Style.OTHER) {
      leave(scalar.at(), where + " is written with escapes or over several lines", images);
    } else {
      Reference.parse(value)
          .ifPresentOrElse(
              reference ->
                  mention(
                      scalar.from(),
                      where,
                      reference,
                      new Slot.Whole(scalar.from() + prefix.length(), scalar.to()),
                      trust),
              () -> noReference(scalar, where, value, trust));
    }
  }

  private void noReference(Node.Scalar scalar, String where, String value, Trust trust) {
    String remark = where + ": " + shown(value) + " is no image reference";
    if (trust == Trust.SURE) {
      wrong(scalar.at(), remark);
    } else {
      leave(scalar.at(), remark, List.of(value));
    }
  }

  /** A text of the file in a message, shortened. */
  static String shown(String value) {
    String line = value.lines().findFirst().orElse("").strip();
    return "`" + (line.length() > 100 ? line.substring(0, 100) + "…" : line) + "`";
  }
}
