package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.builder.source.debian.resolve.Result.Missing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Finds the version that something asked for means, or what to say where there is none. */
final class Names {
  private static final int MOST_SUGGESTIONS = 5;

  private final DebianUniverse universe;

  Names(DebianUniverse universe) {
    this.universe = universe;
  }

  /**
   * The version of a wanted package.
   *
   * @param candidate the version taken by default, of each node
   * @param missing receives what is not there
   * @return -1 if it is not there
   */
  int find(Wanted wanted, int[] candidate, List<Missing> missing) {
    int node = node(wanted);
    if (node < 0 || (universe.newest(node) < 0 && providers(node, candidate).isEmpty())) {
      missing.add(new Missing(wanted, unknown(wanted), near(wanted.name())));
      return -1;
    }
    if (universe.newest(node) < 0) {
      return findVirtual(wanted, node, candidate, missing);
    }
    if (wanted.version().isEmpty() && wanted.suite().isEmpty()) {
      return candidate[node];
    }
    int best = -1;
    for (int row = universe.newest(node); row >= 0; row = universe.versions().next(row)) {
      if (matches(wanted, row)) {
        best = row;
        break;
      }
    }
    if (best < 0) {
      missing.add(new Missing(wanted, notThat(wanted), versions(node)));
    }
    return best;
  }

  /** Without an architecture the machine's own, or the first other one that has the package. */
  private int node(Wanted wanted) {
    int own = universe.node(wanted.name(), wanted.architecture());
    if (wanted.architecture().isEmpty() && (own < 0 || universe.newest(own) < 0)) {
      for (String architecture : universe.foreign()) {
        int node = universe.node(wanted.name(), architecture);
        if (node >= 0 && universe.newest(node) >= 0) {
          return node;
        }
      }
    }
    return own;
  }

  private String unknown(Wanted wanted) {
    return "there is no package "
        + wanted.name()
        + (wanted.architecture().isEmpty() ? "" : " for " + wanted.architecture())
        + " in the configured suites";
  }

  private static String notThat(Wanted wanted) {
    return wanted.suite().isEmpty()
        ? "the suites have no version " + wanted.version() + " of " + wanted.name()
        : "the suite " + wanted.suite() + " has no package " + wanted.name();
  }

  private int findVirtual(Wanted wanted, int node, int[] candidate, List<Missing> missing) {
    List<Integer> providers = providers(node, candidate);
    if (providers.size() == 1 && wanted.version().isEmpty() && wanted.suite().isEmpty()) {
      return providers.get(0);
    }
    List<String> labels =
        providers.stream()
            .map(version -> universe.label(universe.versions().node(version)))
            .sorted()
            .toList();
    missing.add(
        new Missing(
            wanted, wanted.name() + " is a virtual package: name one that provides it", labels));
    return -1;
  }

  private List<Integer> providers(int node, int[] candidate) {
    TreeSet<Integer> providers = new TreeSet<>();
    for (int at = universe.providesFrom(node); at < universe.providesTo(node); at++) {
      int version = universe.provider(at);
      if (candidate[universe.versions().node(version)] == version) {
        providers.add(version);
      }
    }
    return List.copyOf(providers);
  }

  private boolean matches(Wanted wanted, int version) {
    if (!wanted.version().isEmpty()) {
      return universe.versionText(version).equals(wanted.version());
    }
    for (int index = 0; index < universe.indexes(); index++) {
      if (universe.versions().isIn(version, index)
          && universe.index(index).names().contains(wanted.suite())) {
        return true;
      }
    }
    return false;
  }

  private List<String> versions(int node) {
    List<String> texts = new ArrayList<>();
    for (int row = universe.newest(node); row >= 0; row = universe.versions().next(row)) {
      Index index = universe.index(universe.versions().firstIndex(row));
      texts.add(universe.versionText(row) + " (" + index.suite() + ")");
    }
    return texts;
  }

  /** Names that differ in few letters, nearest first. */
  private List<String> near(String name) {
    int limit = name.length() < 4 ? 1 : Math.max(2, name.length() / 3);
    return universe.packageNames().stream()
        .filter(other -> Math.abs(other.length() - name.length()) <= limit)
        .filter(other -> distance(name, other) <= limit)
        .sorted(
            Comparator.comparingInt((String other) -> distance(name, other))
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST_SUGGESTIONS)
        .toList();
  }

  /** How many letters must be put in, taken out or changed (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
