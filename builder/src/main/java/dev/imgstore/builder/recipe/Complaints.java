package dev.imgstore.builder.recipe;

import dev.imgstore.model.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All mistakes found in one file, so that they are told at once. For one thread. */
final class Complaints {
  private static final int MOST = 100;
  private static final int LONGEST_QUOTE = 60;

  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final Set<Place> muted = new HashSet<>();

  Complaints(String file) {
    this.file = file;
  }

  void add(Place place, String text) {
    if (!muted.contains(place)) {
      found.add(new Problem(place.file(file), place.line(), place.column(), text));
    }
  }

  /** Says nothing more of what stands here: what follows from a mistake is none of its own. */
  void mute(Place place) {
    muted.add(place);
  }

  /** A mistake outside the file, for instance on the command line. */
  void addOutside(String where, String text) {
    found.add(new Problem(where, 0, 0, text));
  }

  /** All that is wrong in another file. */
  void addAll(Complaints others) {
    found.addAll(others.found);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Those of a file before others, each by place. */
  private static Comparator<Problem> inFile(String file) {
    return Comparator.comparing((Problem each) -> each.line() > 0 && !each.file().equals(file))
        .thenComparing(each -> each.line() > 0 ? each.file() : "")
        .thenComparingInt(Problem::line)
        .thenComparingInt(Problem::column);
  }

  /** By place; of very many the first ones and how many more there are. */
  List<Problem> sorted() {
    List<Problem> sorted = found.stream().sorted(inFile(file)).distinct().toList();
    if (sorted.size() <= MOST) {
      return sorted;
    }
    List<Problem> first = new ArrayList<>(sorted.subList(0, MOST));
    first.add(new Problem(file, 0, 0, "and " + (sorted.size() - MOST) + " more mistakes"));
    return List.copyOf(first);
  }

  /** What a person wrote, fit for a message: on one line, harmless to a terminal, not too long. */
  static String quote(String text) {
    if (text.isEmpty()) {
      return "the empty text";
    }
    StringBuilder quoted = new StringBuilder("`");
    text.codePoints()
        .limit(LONGEST_QUOTE)
        .forEach(c -> quoted.appendCodePoint(Carets.isPlain(c) ? c : '\ufffd'));
    if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
      quoted.append('…');
    }
    return quoted.append('`').toString();
  }
}
