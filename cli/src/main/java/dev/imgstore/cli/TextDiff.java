package dev.imgstore.cli;

import java.util.ArrayList;
import java.util.List;

/** Which lines differ between two texts, as people read it: {@code -}, {@code +} and a space. */
final class TextDiff {
  private static final int CONTEXT = 3;
  private static final long MOST = 4_000_000;

  private TextDiff() {}

  /**
   * Lines with their signs, those that are equal only near others; {@code ...} where some are left
   * out. Nothing if the texts are equal. What differs too much to be compared line by line is shown
   * whole.
   */
  static List<String> between(String before, String after) {
    List<String> a = before.lines().toList();
    List<String> b = after.lines().toList();
    int head = 0;
    while (head < a.size() && head < b.size() && a.get(head).equals(b.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < a.size() - head
        && tail < b.size() - head
        && a.get(a.size() - 1 - tail).equals(b.get(b.size() - 1 - tail))) {
      tail++;
    }
    List<String> all = new ArrayList<>();
    a.subList(0, head).forEach(line -> all.add("  " + line));
    all.addAll(middle(a.subList(head, a.size() - tail), b.subList(head, b.size() - tail)));
    a.subList(a.size() - tail, a.size()).forEach(line -> all.add("  " + line));
    return near(all);
  }

  private static List<String> middle(List<String> a, List<String> b) {
    List<String> lines = new ArrayList<>();
    if ((long) a.size() * b.size() > MOST) {
      a.forEach(line -> lines.add("- " + line));
      b.forEach(line -> lines.add("+ " + line));
      return lines;
    }
    int[][] common = new int[a.size() + 1][b.size() + 1]; // of the rests from there on
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        lines.add("  " + a.get(i++));
        j++;
      } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
        lines.add("- " + a.get(i++));
      } else {
        lines.add("+ " + b.get(j++));
      }
    }
    return lines;
  }

  private static List<String> near(List<String> all) {
    List<String> shown = new ArrayList<>();
    int last = -1;
    for (int at = 0; at < all.size(); at++) {
      if (isNear(all, at)) {
        if (at > last + 1) {
          shown.add("...");
        }
        shown.add(all.get(at));
        last = at;
      }
    }
    return shown;
  }

  private static boolean isNear(List<String> all, int at) {
    int to = Math.min(all.size(), at + CONTEXT + 1);
    for (String line : all.subList(Math.max(0, at - CONTEXT), to)) {
      if (!line.startsWith(" ")) {
        return true;
      }
    }
    return false;
  }
}
