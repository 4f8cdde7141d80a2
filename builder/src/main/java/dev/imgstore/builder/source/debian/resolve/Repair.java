package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.BREAKS;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.CONFLICTS;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ESSENTIAL;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.PROTECTED;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.RECOMMENDS;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Drops packages from a marking in which some needs are not met, as apt does when nothing is
 * installed: each package has a score by its priority and by who needs it; from the highest to the
 * lowest, a broken package is dropped unless it is guarded, and of two that exclude each other the
 * one with the lower score. What is still broken afterwards cannot be had by dropping.
 */
final class Repair {
  private static final int ROUNDS = 20;
  private static final int[] BY_PRIORITY = {0, 3, 2, 1, -1, -2};

  private final DebianUniverse universe;
  private final Marking marking;
  private final int[] chosen;
  private final int[] score;

  Repair(DebianUniverse universe, Marking marking) {
    this.universe = universe;
    this.marking = marking;
    this.chosen = marking.chosen();
    this.score = new int[chosen.length];
  }

  /** Drops what is needed to mend the marking, as far as that does. */
  void run() {
    List<Integer> marked = marked();
    computeScores(marked);
    marked.sort(Comparator.comparingInt(node -> -score[node]));
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (int node : marked) {
        if (chosen[node] >= 0 && !marking.holds(chosen[node], false)) {
          changed |= mend(node);
        }
      }
    }
  }

  private List<Integer> marked() {
    List<Integer> marked = new ArrayList<>();
    for (int node = 0; node < chosen.length; node++) {
      if (chosen[node] >= 0) {
        marked.add(node);
      }
    }
    return marked;
  }

  private boolean mend(int node) {
    int version = chosen[node];
    List<Integer> rivals = new ArrayList<>();
    int end = universe.dependenciesTo(version);
    boolean met = false;
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      met |= marking.met(at, version, chosen);
      if (universe.or(at)) {
        continue;
      }
      boolean broken = !met && universe.kind(at) != RECOMMENDS;
      met = false;
      if (broken && !universe.negative(at)) {
        if (!marking.isGuarded(node)) {
          chosen[node] = -1;
          return true;
        }
      } else if (broken && givesWay(node, at, rivals)) {
        return true;
      }
    }
    rivals.forEach(rival -> chosen[rival] = -1);
    return !rivals.isEmpty();
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
    for (int at = universe.providesFrom(target); at < universe.providesTo(target); at++) {
      int node = universe.versions().node(universe.provider(at));
      if (chosen[node] == universe.provider(at)
          && !targets.contains(node)
          && !universe.ignoresProvider(dependency, owner, at)
          && universe.acceptsProvided(dependency, at)) {
        targets.add(node);
      }
    }
    return targets;
  }

  private void computeScores(List<Integer> marked) {
    for (int node : marked) {
      boolean base = universe.has(node, ESSENTIAL) || universe.has(node, PROTECTED);
      score[node] += BY_PRIORITY[universe.versions().priority(chosen[node])] + (base ? 100 : 0);
      int end = universe.dependenciesTo(chosen[node]);
      for (int at = universe.dependenciesFrom(chosen[node]); at < end; at++) {
        int points = universe.negative(at) ? -1 : 1;
        for (int target : targets(at, chosen[node])) {
          score[target] += points;
        }
      }
    }
    inherit(marked);
    for (int node : marked) {
      boolean base = universe.has(node, ESSENTIAL) || universe.has(node, PROTECTED);
      score[node] += (marking.isGuarded(node) ? 10_000 : 0) + (base ? 5_000 : 0);
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
