package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.time.Instant;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Somebody said that an image must not be used any more. Nothing new may name it; whoever uses it
 * keeps it.
 *
 * @param image a manifest or an index
 * @param covers the images of its platforms, which are revoked with it; empty for a manifest
 * @param reason as given; never empty
 */
public record Revocation(
    Digest image, SortedSet<Digest> covers, String reason, String who, Instant when) {
  /** Refuses one that does not say why, and copies in. */
  public Revocation {
    Objects.requireNonNull(image);
    Objects.requireNonNull(who);
    Objects.requireNonNull(when);
    covers = Collections.unmodifiableSortedSet(new TreeSet<>(covers));
    if (reason.isBlank()) {
      throw new IllegalArgumentException("a revocation needs a reason");
    }
  }

  /** Whether this image must not be used. */
  public boolean isOf(Digest other) {
    return image.equals(other) || covers.contains(other);
  }
}
