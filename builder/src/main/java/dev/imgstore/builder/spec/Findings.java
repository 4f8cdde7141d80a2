package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the readers of one file find: mentions, what they leave, and what is wrong. */
final class Findings {
  private static final int MOST = 10_000;

  private final SpecText text;
  private final List<Mention> mentions = new ArrayList<>();
  private final List<Note> left = new ArrayList<>();
  private final List<Note> wrong = new ArrayList<>();
  private final Set<Integer> seen = new HashSet<>();
  private final Set<Integer> looked = new HashSet<>();
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

  /** Something that may name an image and is not changed. */
  void left(int place, String remark) {
    if (left.size() < MOST) {
      left.add(text.note(place, remark));
    }
  }

  /** Something that keeps the file from being understood. */
  void wrong(int place, String remark) {
    if (wrong.size() < MOST) {
      wrong.add(text.note(place, remark));
    }
  }

  /** A reference; the same place is found once, however often an alias stands for it. */
  void mention(int place, String where, Reference reference, Slot slot) {
    if (!seen.add(slot.from()) || full) {
      return;
    }
    full = mentions.size() == MOST;
    if (full) {
      wrong(place, "a file names at most " + MOST + " images");
      return;
    }
    Note at = text.note(place, "");
    mentions.add(new Mention(at.line(), at.column(), Note.clean(where), reference, slot));
  }

  /** Whether a text is the work of a template or of variables, so that it names nothing yet. */
  static boolean isOpen(String value) {
    return value.contains("{{") || value.contains("$") || value.contains("%{");
  }

  /** A scalar that is a whole reference, after a prefix that it must have. */
  void whole(Node.Scalar scalar, String prefix, String where) {
    whole(scalar, prefix, where, true);
  }

  /** The same where it is only likely that a text is one: what is none is left. */
  void guess(Node.Scalar scalar, String where) {
    whole(scalar, "", where, false);
  }

  private void whole(Node.Scalar scalar, String prefix, String where, boolean sure) {
    if (!scalar.value().startsWith(prefix) || !looked.add(scalar.at())) {
      return;
    }
    String value = scalar.value().substring(prefix.length());
    if (isOpen(value)) {
      left(scalar.at(), where + " holds a variable: " + shown(value));
    } else if (value.isBlank()) {
      left(scalar.at(), where + " is empty");
    } else if (scalar.style() == Node.Style.OTHER) {
      left(scalar.at(), where + " is written with escapes or over several lines");
    } else {
      Reference.parse(value)
          .ifPresentOrElse(
              reference ->
                  mention(
                      scalar.from(),
                      where,
                      reference,
                      new Slot.Whole(scalar.from() + prefix.length(), scalar.to())),
              () -> noReference(scalar, where + ": " + shown(value), sure));
    }
  }

  private void noReference(Node.Scalar scalar, String what, boolean sure) {
    String remark = what + " is no image reference";
    if (sure) {
      wrong(scalar.at(), remark);
    } else {
      left(scalar.at(), remark);
    }
  }

  /** A text of the file in a message, shortened. */
  static String shown(String value) {
    String line = value.lines().findFirst().orElse("").strip();
    return "`" + (line.length() > 100 ? line.substring(0, 100) + "…" : line) + "`";
  }
}
