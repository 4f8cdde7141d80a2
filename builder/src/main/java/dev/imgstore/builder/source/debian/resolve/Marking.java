package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.RECOMMENDS;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Marks packages the way apt does when nothing is installed: what was asked for first, then, depth
 * first, for every unmet clause the best alternative; an alternative that cannot be had is given up
 * for good and the next one tried; what a later package forbids and nobody insists on is unmarked.
 * Packages asked for, those being worked on, and the only ways to meet their needs are
 * <em>guarded</em>: they are not unmarked.
 *
 * <p>This is greedy: the result is checked by {@link #broken}, and what is wrong is left to the
 * complete search.
 */
final class Marking {
  private static final int DEEPEST = 1000;

  private final DebianUniverse universe;
  private final boolean recommends;
  private final int[] candidate;
  private final int[] reachable;
  private final int[] chosen;
  private final boolean[] guarded;
  private final boolean[] asked;
  private final ProviderOrder order;

  /**
   * Begins with nothing marked.
   *
   * @param candidate the version of each node that may be marked, or -1; kept and changed
   */
  Marking(DebianUniverse universe, boolean recommends, int[] candidate) {
    this.universe = universe;
    this.recommends = recommends;
    this.candidate = candidate;
    this.reachable = candidate.clone();
    this.chosen = new int[candidate.length];
    Arrays.fill(chosen, -1);
    this.guarded = new boolean[candidate.length];
    this.asked = new boolean[candidate.length];
    this.order = new ProviderOrder(universe, guarded);
  }

  /** Marks the candidates of these nodes and what they need. */
  void mark(int[] nodes) {
    for (int node : nodes) {
      guarded[node] = true;
      asked[node] = true;
      chosen[node] = candidate[node];
    }
    for (int node : nodes) {
      install(node, true, 0, true);
    }
  }

  /** The marked version of each node, or -1. */
  int[] chosen() {
    return chosen;
  }

  /** Whether a node was asked for, or is the only way to something that was. */
  boolean isGuarded(int node) {
    return guarded[node];
  }

  boolean isAsked(int node) {
    return asked[node];
  }

  /** Marks the candidate of a node and nothing it needs. */
  boolean installAlone(int node) {
    return install(node, false, 0, false) && chosen[node] >= 0;
  }

  /** Whether a dependency of the owner would be met if its candidate were marked. */
  boolean candidateMeets(int dependency, int owner) {
    return met(dependency, owner, candidate);
  }

  /** Whether some marked package has a need that is not met. */
  boolean broken() {
    for (int node = 0; node < chosen.length; node++) {
      if (chosen[node] >= 0 && !holds(chosen[node], false)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Marks the candidate of a node.
   *
   * @param solve whether to mark what it needs, too
   * @return whether that succeeded
   */
  private boolean install(int node, boolean solve, int depth, boolean byUser) {
    if (!mayInstall(node, depth, byUser) || candidate[node] < 0) {
      return false;
    }
    if (!guarded[node] && chosen[node] >= 0 && holds(chosen[node], recommends)) {
      return true;
    }
    if (solve && !candidateCouldHold(node)) {
      return false;
    }
    boolean insist = guarded[node] || byUser;
    int version = candidate[node];
    if (!solve) {
      chosen[node] = version;
      return true;
    }
    List<int[]> needs = new ArrayList<>();
    Ints conflicts = new Ints(4);
    collect(version, guarded[node], needs, conflicts);
    boolean failed = !clearConflicts(version, conflicts, depth, insist, guarded[node]);
    if (failed && !insist) {
      return false;
    }
    chosen[node] = version;
    boolean before = guarded[node];
    guarded[node] = true;
    boolean met = meet(version, needs, depth, before, insist);
    guarded[node] = before;
    if (!met && !insist) {
      chosen[node] = -1;
      candidate[node] = -1;
      return false;
    }
    return met && !failed;
  }

  private boolean mayInstall(int node, int depth, boolean byUser) {
    return depth <= DEEPEST
        && universe.newest(node) >= 0
        && (byUser || chosen[node] >= 0 || !guarded[node]);
  }

  /** Whether each need has a candidate; if not, this candidate is given up. */
  private boolean candidateCouldHold(int node) {
    int version = candidate[node];
    int end = universe.dependenciesTo(version);
    boolean found = false;
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      found |= universe.kind(at) == RECOMMENDS || universe.negative(at);
      found |= met(at, version, chosen) || met(at, version, reachable);
      if (universe.or(at)) {
        continue;
      }
      if (!found) {
        giveUp(node);
        return false;
      }
      found = false;
    }
    return true;
  }

  private void giveUp(int node) {
    if (!guarded[node]) {
      candidate[node] = -1;
      chosen[node] = -1;
    }
  }

  /** The clauses that are not met yet, or all of a guarded package. */
  private void collect(int version, boolean all, List<int[]> needs, Ints conflicts) {
    int end = universe.dependenciesTo(version);
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      int first = at;
      boolean met = met(at, version, chosen);
      while (universe.or(at)) {
        at++;
        met |= met(at, version, chosen);
      }
      boolean important = recommends || universe.kind(first) != RECOMMENDS;
      if ((met && !all) || !important) {
        continue;
      }
      if (universe.negative(first)) {
        conflicts.add(first);
      } else {
        needs.add(new int[] {first, at});
      }
    }
  }

  /** Unmarks what the version forbids; of what a guarded one forbids nothing may come back. */
  private boolean clearConflicts(
      int version, Ints conflicts, int depth, boolean insist, boolean forGood) {
    boolean cleared = true;
    for (int i = 0; i < conflicts.size(); i++) {
      int at = conflicts.get(i);
      for (int other : solutions(at, at, version)) {
        int node = universe.versions().node(other);
        if (candidate[node] != other) {
          continue;
        }
        if (chosen[node] >= 0 && !unmark(node, depth)) {
          cleared = false;
          if (!insist) {
            return false;
          }
        } else if (forGood) {
          candidate[node] = -1;
          guarded[node] = true;
        }
      }
    }
    return cleared;
  }

  private boolean unmark(int node, int depth) {
    if (depth > DEEPEST || guarded[node]) {
      return false;
    }
    chosen[node] = -1;
    return true;
  }

  private boolean meet(int version, List<int[]> needs, int depth, boolean spread, boolean insist) {
    boolean all = true;
    for (int[] need : needs) {
      boolean critical = universe.kind(need[0]) != RECOMMENDS;
      boolean met = false;
      for (int at = need[0]; at <= need[1]; at++) {
        met |= met(at, version, chosen);
      }
      if (met) {
        all &= !spread || !critical || spreadGuard(need, version, depth);
      } else if (!meetOne(need, version, depth, spread && critical) && critical) {
        all = false;
        if (!insist) {
          return false;
        }
      }
    }
    return all;
  }

  /** Guards the only way to meet a guarded package's need, and in turn what that needs. */
  private boolean spreadGuard(int[] need, int version, int depth) {
    List<Integer> ways = solutions(need[0], need[1], version);
    if (ways.stream().distinct().count() != 1) {
      return true;
    }
    int node = universe.versions().node(ways.get(0));
    if (guarded[node]) {
      return true;
    }
    guarded[node] = true;
    return install(node, true, depth + 1, false);
  }

  private boolean meetOne(int[] need, int version, int depth, boolean guard) {
    List<Integer> ways = solutions(need[0], need[1], version);
    for (int way : ways) {
      int node = universe.versions().node(way);
      if (candidate[node] != way) {
        continue;
      }
      if (guard && ways.size() == 1) {
        if (!install(node, false, depth + 1, false)) {
          continue;
        }
        guarded[node] = true;
      }
      if (install(node, true, depth + 1, false)) {
        return true;
      }
    }
    return false;
  }

  /** The candidates that match the alternatives, the best of the first alternative first. */
  private List<Integer> solutions(int first, int last, int owner) {
    List<Integer> all = new ArrayList<>();
    for (int at = first; at <= last; at++) {
      List<Integer> ways = new ArrayList<>();
      int target = universe.target(at);
      if (candidate[target] >= 0
          && !universe.ignores(at, owner, target)
          && universe.acceptsVersion(at, candidate[target])) {
        ways.add(candidate[target]);
      }
      int end = universe.providesTo(target);
      for (int p = universe.providesFrom(target); p < end; p++) {
        int provider = universe.provider(p);
        if (candidate[universe.versions().node(provider)] == provider
            && !universe.ignoresProvider(at, owner, p)
            && universe.acceptsProvided(at, p)) {
          ways.add(provider);
        }
      }
      order.sort(ways, target);
      for (int way : ways) {
        if (all.isEmpty() || all.get(all.size() - 1) != way) {
          all.add(way);
        }
      }
    }
    if (!universe.negative(first)) {
      all.removeIf(way -> isShut(universe.versions().node(way)));
    }
    return all;
  }

  private boolean isShut(int node) {
    return guarded[node] && chosen[node] < 0;
  }

  /** Whether one alternative is met, or a conflict avoided, by the versions in {@code set}. */
  boolean met(int at, int owner, int[] set) {
    return universe.matches(at, owner, set) != universe.negative(at);
  }

  /** Whether all needs of a version are met by what is marked. */
  boolean holds(int version, boolean withRecommends) {
    int end = universe.dependenciesTo(version);
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      boolean wanted = withRecommends || universe.kind(at) != RECOMMENDS;
      boolean met = met(at, version, chosen);
      while (universe.or(at)) {
        at++;
        met |= met(at, version, chosen);
      }
      if (wanted && !met) {
        return false;
      }
    }
    return true;
  }
}
