package dev.imgstore.store;

import java.util.List;
import java.util.Objects;

/**
 * Where the bytes of a store are. All numbers are bytes of files as they are on disk, compressed;
 * what several need is counted once in every total.
 *
 * @param profiles by name
 * @param generations in order of profiles and numbers
 * @param pins what pins and holds keep that is the image of no generation
 * @param kept what any root keeps
 * @param unkept what nothing keeps
 * @param headers of segments, and segments that cannot be read
 * @param beside all files that are no segments: journal, state, actions, catalog
 */
public record Usage(
    List<OfProfile> profiles,
    List<OfGeneration> generations,
    Cost pins,
    long kept,
    long unkept,
    long headers,
    long beside) {
  /** Copies in. */
  public Usage {
    profiles = List.copyOf(profiles);
    generations = List.copyOf(generations);
    Objects.requireNonNull(pins);
  }

  /**
   * What one of several costs.
   *
   * @param alone what no other needs: it comes back when this goes
   * @param shared what others need as well
   */
  public record Cost(long alone, long shared) {}

  /** A profile beside all other profiles, pins and holds. */
  public record OfProfile(String profile, int generations, Cost cost) {}

  /** A generation beside all other generations, pins and holds. */
  public record OfGeneration(Root.OfGeneration generation, Cost cost) {}

  /**
   * What a part of some generations costs: {@code alone} is what no other part of them and nothing
   * else in the store needs.
   *
   * @param label a package, {@code layer NAME} for what is in a layer and belongs to no package, or
   *     empty for trees, records and manifests
   */
  public record OfPart(String label, Cost cost) {}

  /** Bytes of all files of the store. */
  public long total() {
    return kept + unkept + headers + beside;
  }

  /** What more than one profile needs, or a profile and a pin or hold of no generation. */
  public long between() {
    return kept - pins.alone() - profiles.stream().mapToLong(each -> each.cost().alone()).sum();
  }
}
