package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.RECOMMENDS;

import dev.imgstore.builder.source.debian.resolve.Result.Chosen;
import dev.imgstore.builder.source.debian.resolve.Result.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a result of chosen versions: keeps those that something reachable from the request needs,
 * and gives each the first reason that is found breadth first, which is a shortest one.
 */
final class Selection {
  private final DebianUniverse universe;
  private final boolean recommends;
  private final int[] chosen;
  private final Map<Integer, Reason> reasons = new TreeMap<>();
  private final Deque<Integer> open = new ArrayDeque<>();

  Selection(DebianUniverse universe, boolean recommends, int[] chosen) {
    this.universe = universe;
    this.recommends = recommends;
    this.chosen = chosen;
  }

  /** A package that is there for its own sake. */
  void root(int node, Reason reason) {
    if (chosen[node] >= 0 && reasons.putIfAbsent(node, reason) == null) {
      open.add(node);
    }
  }

  /** The packages reached from the roots, sorted. */
  List<Chosen> packages() {
    while (!open.isEmpty()) {
      follow(chosen[open.remove()]);
    }
    List<Chosen> packages = new ArrayList<>();
    reasons.forEach((node, reason) -> packages.add(chosen(chosen[node], reason)));
    packages.sort(Comparator.comparing(Chosen::name).thenComparing(Chosen::architecture));
    return packages;
  }

  private void follow(int version) {
    int end = universe.dependenciesTo(version);
    int first = universe.dependenciesFrom(version);
    for (int at = first; at < end; at++) {
      int kind = universe.kind(at);
      if (!universe.negative(at) && (recommends || kind != RECOMMENDS)) {
        Reason reason =
            new Reason(
                DebianUniverse.kindText(kind),
                universe.label(universe.versions().node(version)),
                universe.clauseText(first));
        reach(at, reason);
      }
      if (!universe.or(at)) {
        first = at + 1;
      }
    }
  }

  private void reach(int dependency, Reason reason) {
    int target = universe.target(dependency);
    if (chosen[target] >= 0 && universe.acceptsVersion(dependency, chosen[target])) {
      root(target, reason);
    }
    int end = universe.providesTo(target);
    for (int at = universe.providesFrom(target); at < end; at++) {
      int node = universe.versions().node(universe.provider(at));
      if (chosen[node] == universe.provider(at) && universe.acceptsProvided(dependency, at)) {
        root(node, reason);
      }
    }
  }

  private Chosen chosen(int version, Reason reason) {
    VersionTable versions = universe.versions();
    int node = versions.node(version);
    Index index = universe.index(versions.firstIndex(version));
    return new Chosen(
        universe.nameText(node),
        universe.versionText(version),
        versions.isForAll(version) ? "all" : universe.architectureText(node),
        index.suite(),
        index.component(),
        versions.path(version),
        versions.digest(version),
        versions.packageSize(version),
        reason);
  }
}
