package dev.imgstore.builder.recipe;

import dev.imgstore.model.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Mistakes for a terminal: the message, the line it is about, and carets under the place. */
public final class Carets {
  private static final int WIDEST = 100;
  private static final String STOPS = " \t,:[]{}\"'#";

  private Carets() {}

  /**
   * The message, then the source line with carets under the word that is wrong; only the message if
   * the problem has no place in this text. Ends without a line break. Characters that could steer a
   * terminal are shown as U+FFFD, long lines are cut around the place.
   *
   * @param sourceText what was read, decoded from UTF-8 with replacement where it was not valid
   */
  public static String render(Problem problem, String sourceText) {
    List<String> lines = sourceText.lines().toList();
    if (problem.line() < 1 || problem.column() < 1 || problem.line() > lines.size()) {
      return problem.toString();
    }
    String line = lines.get(problem.line() - 1);
    if (problem.line() == 1 && line.startsWith("\ufeff")) {
      line = line.substring(1);
    }
    int[] points = line.codePoints().toArray();
    int at = Math.min(problem.column() - 1, points.length);
    int from = points.length <= WIDEST ? 0 : Math.max(0, at - WIDEST / 2);
    int to = Math.min(points.length, from + WIDEST);
    String number = Integer.toString(problem.line());
    StringBuilder shown = new StringBuilder();
    StringBuilder under = new StringBuilder();
    if (from > 0) {
      shown.append('…');
      under.append(' ');
    }
    int end = Math.min(to, wordEnd(points, at));
    for (int i = from; i < to; i++) {
      shown.appendCodePoint(points[i] == '\t' || isPlain(points[i]) ? points[i] : '\ufffd');
      if (i < at) {
        under.append(points[i] == '\t' ? "\t" : " ".repeat(width(points[i])));
      } else if (i < end) {
        under.append("^".repeat(Math.max(i == at ? 1 : 0, width(points[i]))));
      }
    }
    if (at >= to) {
      under.append('^');
    }
    if (to < points.length) {
      shown.append('…');
    }
    String margin = " ".repeat(number.length());
    return problem + "\n  " + number + " | " + shown + "\n  " + margin + " | " + under;
  }

  /** {@link #render(Problem, String)} of each, one after the other. */
  public static String render(List<Problem> problems, String sourceText) {
    return problems.stream().map(p -> render(p, sourceText)).collect(Collectors.joining("\n"));
  }

  private static int wordEnd(int[] points, int at) {
    int end = at;
    if (at < points.length && (points[at] == '"' || points[at] == '\'')) {
      int quote = points[end++];
      while (end < points.length && points[end] != quote) {
        end++;
      }
      return Math.min(points.length, end + 1);
    }
    while (end < points.length && STOPS.indexOf(points[end]) < 0) {
      end++;
    }
    return Math.max(end, at + 1);
  }

  /** Whether a terminal shows this as a character and does nothing else. */
  static boolean isPlain(int codePoint) {
    int type = Character.getType(codePoint);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.UNASSIGNED
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }

  private static int width(int codePoint) {
    int type = Character.getType(codePoint);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    return switch (Character.UnicodeScript.of(codePoint)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL -> 2;
      default -> codePoint >= 0x1F300 && codePoint < 0x1FB00 ? 2 : 1;
    };
  }
}
