package dev.imgstore.model;

import java.util.Objects;

/** The digest of everything that can change what an action gives. */
public record ActionKey(Digest digest) implements Comparable<ActionKey> {
  /** Refuses null. */
  public ActionKey {
    Objects.requireNonNull(digest);
  }

  @Override
  public int compareTo(ActionKey other) {
    return digest.compareTo(other.digest);
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
