package dev.imgstore.builder.recipe;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The valid word nearest to what someone wrote. */
public final class Nearest {
  private static final int LONGEST = 64;

  private Nearest() {}

  /**
   * The word with the fewest edits, if they are few for its length; of equally near ones that which
   * begins alike for longest, then the first.
   */
  public static Optional<String> of(String written, Collection<String> valid) {
    if (written.length() > LONGEST) {
      return Optional.empty();
    }
    String folded = fold(written);
    Optional<String> best = Optional.empty();
    int fewest = Integer.MAX_VALUE;
    int longest = 0;
    for (String word : valid) {
      int edits = distance(folded, fold(word));
      int shared = sharedStart(folded, fold(word));
      if (edits <= Math.max(1, Math.min(3, word.length() / 3))
          && (edits < fewest || (edits == fewest && shared > longest))) {
        best = Optional.of(word);
        fewest = edits;
        longest = shared;
      }
    }
    return best;
  }

  private static int sharedStart(String a, String b) {
    int shared = 0;
    while (shared < Math.min(a.length(), b.length()) && a.charAt(shared) == b.charAt(shared)) {
      shared++;
    }
    return shared;
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Insertions, deletions, replacements and swaps of neighbours. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int fewest =
            Math.min(cost[i - 1][j - 1] + change, Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          fewest = Math.min(fewest, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = fewest;
      }
    }
    return cost[a.length()][b.length()];
  }
}
