package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.BREAKS;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.CONFLICTS;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ESSENTIAL;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.PROTECTED;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.RECOMMENDS;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Mends a marking in which some needs are not met, as apt does when nothing is installed: each
 * package has a score by its priority and by who needs it; from the highest to the lowest, a broken
 * package is dropped unless it is guarded, and of two that exclude each other the one with the
 * lower score; for a guarded one, something that meets its need is marked if that needs nothing
 * that is not there. What is still broken afterwards is left to the complete search.
 */
final class Repair {
  private static final int ROUNDS = 20;
  private static final int DEEPEST = 1000;
  private static final int[] BY_PRIORITY = {0, 3, 2, 1, -1, -2};

  private final DebianUniverse universe;
  private final Marking marking;
  private final int[] chosen;
  private final int[] score;
  private final boolean[] tried;

  Repair(DebianUniverse universe, Marking marking) {
    this.universe = universe;
    this.marking = marking;
    this.chosen = marking.chosen();
    this.score = new int[chosen.length];
    this.tried = new boolean[chosen.length];
  }

  /** Mends the marking, as far as that goes. */
  void run() {
    computeScores();
    List<Integer> all = new ArrayList<>();
    for (int node = 0; node < chosen.length; node++) {
      if (universe.newest(node) >= 0) {
        all.add(node);
      }
    }
    all.sort(Comparator.comparingInt(node -> -score[node]));
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (int node : all) {
        if (chosen[node] >= 0 && !marking.holds(chosen[node], false)) {
          changed |= mend(node);
        }
      }
    }
  }

  private boolean mend(int node) {
    int version = chosen[node];
    List<Integer> rivals = new ArrayList<>();
    int end = universe.dependenciesTo(version);
    int first = universe.dependenciesFrom(version);
    for (int at = first; at < end; at++) {
      if (universe.or(at)) {
        continue;
      }
      boolean broken = universe.kind(at) != RECOMMENDS && !met(first, at, version);
      if (broken && !universe.negative(at)) {
        if (!marking.isGuarded(node)) {
          chosen[node] = -1;
          return true;
        }
        bringBackOne(node, first, at);
      } else if (broken && givesWay(node, at, rivals)) {
        return true;
      }
      first = at + 1;
    }
    rivals.forEach(rival -> chosen[rival] = -1);
    return !rivals.isEmpty();
  }

  private boolean met(int first, int last, int version) {
    for (int at = first; at <= last; at++) {
      if (marking.met(at, version, chosen)) {
        return true;
      }
    }
    return false;
  }

  /** Tries to mark, without more ado, something that meets a guarded package's need. */
  private void bringBackOne(int node, int first, int last) {
    for (int at = first; at <= last && !met(first, last, chosen[node]); at++) {
      for (int target : possible(at)) {
        if (bringBack(target, 0)) {
          score[target] = Math.min(score[target], score[node]);
          break;
        }
      }
    }
  }

  /** Every node with a version that a positive dependency names, the last provider first. */
  private List<Integer> possible(int dependency) {
    List<Integer> nodes = new ArrayList<>();
    int target = universe.target(dependency);
    for (int row = universe.newest(target); row >= 0; row = universe.versions().next(row)) {
      if (universe.acceptsVersion(dependency, row)) {
        nodes.add(target);
      }
    }
    for (int at = universe.providesTo(target) - 1; at >= universe.providesFrom(target); at--) {
      if (universe.acceptsProvided(dependency, at)) {
        nodes.add(universe.versions().node(universe.provider(at)));
      }
    }
    return nodes;
  }

  /** Marks a package if all it needs is there or can be brought back in turn; tried only once. */
  private boolean bringBack(int node, int depth) {
    if (tried[node] || marking.isAsked(node) || depth > DEEPEST) {
      return false;
    }
    tried[node] = true;
    if (!marking.installAlone(node)) {
      return false;
    }
    int version = chosen[node];
    int first = universe.dependenciesFrom(version);
    for (int at = first; at < universe.dependenciesTo(version); at++) {
      if (universe.or(at)) {
        continue;
      }
      if (universe.kind(at) != RECOMMENDS && !canMeet(first, at, version, depth)) {
        if (!marking.isGuarded(node)) {
          chosen[node] = -1;
        }
        return false;
      }
      first = at + 1;
    }
    return true;
  }

  private boolean canMeet(int first, int last, int version, int depth) {
    boolean failed = false;
    for (int at = first; at <= last && !met(first, last, version); at++) {
      int target = nearest(at, universe.versions().node(version));
      if (marking.isGuarded(target)) {
        failed = true;
      } else if (marking.candidateMeets(at, version)) {
        failed = !bringBack(target, depth + 1);
        if (!failed) {
          return true;
        }
      } else if (!universe.negative(at)) {
        failed = true;
      } else {
        break;
      }
    }
    return !failed;
  }

  /** The target itself where there is such a package, or else its last provider. */
  private int nearest(int dependency, int owner) {
    int target = universe.target(dependency);
    if (universe.newest(target) < 0) {
      for (int at = universe.providesTo(target) - 1; at >= universe.providesFrom(target); at--) {
        int provider = universe.versions().node(universe.provider(at));
        if (provider != owner) {
          return provider;
        }
      }
    }
    return target;
  }

  /** Drops the node if it is the weaker side of a conflict; else adds the others to the rivals. */
  private boolean givesWay(int node, int dependency, List<Integer> rivals) {
    for (int other : targets(dependency, chosen[node])) {
      if (score[node] <= score[other] && !marking.isGuarded(node)) {
        chosen[node] = -1;
        return true;
      }
      if (!marking.isGuarded(other)) {
        rivals.add(other);
      }
    }
    return false;
  }

  /** The marked nodes that a dependency names. */
  private List<Integer> targets(int dependency, int owner) {
    List<Integer> targets = new ArrayList<>();
    int target = universe.target(dependency);
    if (chosen[target] >= 0
        && !universe.ignores(dependency, owner, target)
        && universe.acceptsVersion(dependency, chosen[target])) {
      targets.add(target);
    }
    for (int provider : markedProviders(dependency, owner)) {
      if (provider != target) {
        targets.add(provider);
      }
    }
    return targets;
  }

  /** The marked nodes that provide what a dependency names, the last first. */
  private Set<Integer> markedProviders(int dependency, int owner) {
    Set<Integer> providers = new LinkedHashSet<>();
    int target = universe.target(dependency);
    for (int at = universe.providesTo(target) - 1; at >= universe.providesFrom(target); at--) {
      int node = universe.versions().node(universe.provider(at));
      if (chosen[node] == universe.provider(at)
          && !universe.ignoresProvider(dependency, owner, at)
          && universe.acceptsProvided(dependency, at)) {
        providers.add(node);
      }
    }
    return providers;
  }

  private void computeScores() {
    List<Integer> marked = new ArrayList<>();
    for (int node = 0; node < chosen.length; node++) {
      if (chosen[node] >= 0) {
        marked.add(node);
      }
    }
    for (int node : marked) {
      score[node] += BY_PRIORITY[universe.versions().priority(chosen[node])] + base(node, 100);
      int end = universe.dependenciesTo(chosen[node]);
      for (int at = universe.dependenciesFrom(chosen[node]); at < end; at++) {
        addPoints(at, chosen[node]);
      }
    }
    inherit(marked);
    for (int node = 0; node < chosen.length; node++) {
      score[node] += (marking.isAsked(node) ? 10_000 : 0) + base(node, 5_000);
    }
  }

  private int base(int node, int points) {
    return universe.has(node, ESSENTIAL) || universe.has(node, PROTECTED) ? points : 0;
  }

  /**
   * To what is named, marked or not, if any version of it would do or its marked one does; and then
   * to its marked providers.
   */
  private void addPoints(int dependency, int owner) {
    int points = universe.negative(dependency) ? -1 : 1;
    int target = universe.target(dependency);
    if (!universe.ignores(dependency, owner, target)) {
      boolean matches =
          universe.anyVersion(dependency)
              || (chosen[target] >= 0 && universe.acceptsVersion(dependency, chosen[target]));
      if (!matches) {
        return;
      }
      score[target] += points;
    }
    for (int provider : markedProviders(dependency, owner)) {
      score[provider] += points;
    }
  }

  /** Each package gets what those that depend on it have, but nothing negative. */
  private void inherit(List<Integer> marked) {
    int[] before = score.clone();
    for (int node : marked) {
      int end = universe.dependenciesTo(chosen[node]);
      for (int at = universe.dependenciesFrom(chosen[node]); at < end; at++) {
        int kind = universe.kind(at);
        int target = universe.target(at);
        if (kind != CONFLICTS && kind != BREAKS && chosen[target] >= 0 && before[node] > 0) {
          score[target] += before[node];
        }
      }
    }
  }
}
