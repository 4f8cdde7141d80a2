package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ESSENTIAL;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.PROTECTED;

import java.util.Comparator;
import java.util.List;

/**
 * Which of several packages that meet one alternative is preferred, as apt prefers when none is
 * installed: a guarded one, one of the very name, an essential one, the machine's own architecture,
 * the higher priority, and else the one that was first named later in the indexes.
 */
final class ProviderOrder {
  private final DebianUniverse universe;
  private final boolean[] guarded;

  ProviderOrder(DebianUniverse universe, boolean[] guarded) {
    this.universe = universe;
    this.guarded = guarded;
  }

  /** Sorts versions, the preferred first. */
  void sort(List<Integer> ways, int target) {
    if (ways.size() > 1) {
      ways.sort(
          Comparator.comparingInt((Integer way) -> rank(node(way), universe.nameOf(target)))
              .thenComparingInt(way -> architectureRank(node(way)))
              .thenComparingInt(way -> universe.versions().priority(way))
              .thenComparingInt(way -> -node(way)));
    }
  }

  private int node(int version) {
    return universe.versions().node(version);
  }

  private int rank(int node, int name) {
    return (guarded[node] ? 0 : 8)
        + (universe.nameOf(node) == name ? 0 : 4)
        + (universe.has(node, ESSENTIAL) ? 0 : 2)
        + (universe.has(node, PROTECTED) ? 0 : 1);
  }

  private int architectureRank(int node) {
    int architecture = universe.architectureOf(node);
    return architecture == DebianUniverse.NATIVE ? -1 : architecture;
  }
}
