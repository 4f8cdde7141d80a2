package dev.imgstore.store.catalog;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.time.Instant;
import java.util.Comparator;

/**
 * One platform's share of a generation: what answers point at.
 *
 * @param current whether the generation is its profile's current one
 * @param image digest of the generation's manifest or index
 * @param manifest digest of this platform's manifest, which is the image if there is but one
 */
public record Part(
    String profile,
    int number,
    boolean current,
    Instant created,
    Digest image,
    Platform platform,
    Digest manifest)
    implements Comparable<Part> {
  private static final Comparator<Part> ORDER =
      Comparator.comparing(Part::profile).thenComparing(Part::number).thenComparing(Part::platform);

  /** By profile, number and platform, which no two parts of a store share. */
  @Override
  public int compareTo(Part other) {
    return ORDER.compare(this, other);
  }
}
