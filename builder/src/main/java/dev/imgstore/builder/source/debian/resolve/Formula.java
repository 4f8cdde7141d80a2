package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.RECOMMENDS;

import dev.imgstore.builder.source.debian.resolve.Clause.Why;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What must hold of the versions that can matter to a request, as clauses: all that is reachable
 * from what is wanted through any alternative in any version. A variable is a version.
 */
final class Formula {
  /** Recommendations of each variable, wanted but not needed; empty if they are ignored. */
  final List<List<Clause>> soft = new ArrayList<>();

  /** Needs of each variable, in the order of its fields; their literals in order of preference. */
  final List<List<Clause>> needs = new ArrayList<>();

  final List<Clause> wanted = new ArrayList<>();
  final List<Clause> exclusions = new ArrayList<>();

  private final DebianUniverse universe;
  private final boolean recommends;
  private final int[] preferred;
  private final ProviderOrder order;
  private final int[] variableOf;
  private final Ints versionOf = new Ints(1 << 10);

  /**
   * Collects everything.
   *
   * @param preferred for each node the version that is tried first, or -1
   */
  Formula(DebianUniverse universe, boolean recommends, int[] preferred) {
    this.universe = universe;
    this.recommends = recommends;
    this.preferred = preferred;
    this.order = new ProviderOrder(universe, new boolean[preferred.length]);
    this.variableOf = new int[universe.versions().size()];
    Arrays.fill(variableOf, -1);
  }

  /** One of these versions of the node is wanted, the first if it can be. */
  void want(int node, List<Integer> versions) {
    wanted.add(new Clause(positive(versions), Why.WANTED, -1, node));
  }

  /** Follows all needs; to be called once, after all that is wanted was said. */
  void close() {
    for (int variable = 0; variable < versionOf.size(); variable++) {
      List<Clause> own = new ArrayList<>();
      List<Clause> wishes = new ArrayList<>();
      addNeeds(variable, own, wishes);
      needs.add(own);
      soft.add(wishes);
    }
    int count = versionOf.size();
    for (int variable = 0; variable < count; variable++) {
      addExclusions(variable);
    }
  }

  int variables() {
    return versionOf.size();
  }

  int version(int variable) {
    return versionOf.get(variable);
  }

  private int variable(int version) {
    if (variableOf[version] < 0) {
      variableOf[version] = versionOf.size();
      versionOf.add(version);
    }
    return variableOf[version];
  }

  private int[] positive(Iterable<Integer> versions) {
    Ints literals = new Ints(4);
    versions.forEach(version -> literals.add(2 * variable(version)));
    return literals.toArray();
  }

  private void addNeeds(int variable, List<Clause> own, List<Clause> wishes) {
    int version = versionOf.get(variable);
    int end = universe.dependenciesTo(version);
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      int first = at;
      while (universe.or(at)) {
        at++;
      }
      boolean wish = universe.kind(first) == RECOMMENDS;
      if (universe.negative(first) || (wish && !recommends)) {
        continue;
      }
      int[] ways = positive(ways(first, at, version));
      int[] literals = new int[ways.length + 1];
      literals[0] = 2 * variable + 1;
      System.arraycopy(ways, 0, literals, 1, ways.length);
      (wish ? wishes : own).add(new Clause(literals, Why.NEED, version, first));
    }
  }

  /** All versions that meet a clause: the preferred ones in apt's order, then the others. */
  private Set<Integer> ways(int first, int last, int owner) {
    Set<Integer> ways = new LinkedHashSet<>();
    List<Integer> others = new ArrayList<>();
    for (int at = first; at <= last; at++) {
      List<Integer> here = matching(at, owner);
      order.sort(here, universe.target(at));
      for (int version : here) {
        if (preferred[universe.versions().node(version)] == version) {
          ways.add(version);
        } else {
          others.add(version);
        }
      }
    }
    others.sort((a, b) -> Integer.compare(universe.versions().pin(b), universe.versions().pin(a)));
    ways.addAll(others);
    return ways;
  }

  /** Every version that a dependency names. */
  private List<Integer> matching(int dependency, int owner) {
    VersionTable versions = universe.versions();
    Set<Integer> matching = new LinkedHashSet<>();
    int target = universe.target(dependency);
    if (!universe.ignores(dependency, owner, target)) {
      for (int row = universe.newest(target); row >= 0; row = versions.next(row)) {
        if (universe.acceptsVersion(dependency, row)) {
          matching.add(row);
        }
      }
    }
    for (int at = universe.providesFrom(target); at < universe.providesTo(target); at++) {
      if (!universe.ignoresProvider(dependency, owner, at)
          && universe.acceptsProvided(dependency, at)) {
        matching.add(universe.provider(at));
      }
    }
    return new ArrayList<>(matching);
  }

  private void addExclusions(int variable) {
    VersionTable versions = universe.versions();
    int version = versionOf.get(variable);
    for (int row = versions.next(version); row >= 0; row = versions.next(row)) {
      exclude(variable, row, Why.ONE_VERSION, -1);
    }
    int end = universe.dependenciesTo(version);
    for (int at = universe.dependenciesFrom(version); at < end; at++) {
      if (universe.negative(at)) {
        for (int other : matching(at, version)) {
          exclude(variable, other, Why.CONFLICT, at);
        }
      }
    }
  }

  private void exclude(int variable, int version, Why why, int about) {
    int other = variableOf[version];
    if (other >= 0 && other != variable) {
      int[] literals = {2 * variable + 1, 2 * other + 1};
      exclusions.add(new Clause(literals, why, versionOf.get(variable), about));
    }
  }
}
