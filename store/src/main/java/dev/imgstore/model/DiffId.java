package dev.imgstore.model;

import java.util.Objects;

/**
 * The digest of a layer's tar before compression: a layer's identity, whatever compressor wrote it.
 */
public record DiffId(Digest digest) implements Comparable<DiffId> {
  /** Refuses null. */
  public DiffId {
    Objects.requireNonNull(digest);
  }

  @Override
  public int compareTo(DiffId other) {
    return digest.compareTo(other.digest);
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
