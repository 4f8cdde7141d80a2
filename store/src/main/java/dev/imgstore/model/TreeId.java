package dev.imgstore.model;

import java.util.Objects;

/**
 * The digest of a tree's canonical encoding ({@link TreeCodec}); two trees are equal if and only if
 * their ids are.
 */
public record TreeId(Digest digest) implements Comparable<TreeId> {
  /** Refuses null. */
  public TreeId {
    Objects.requireNonNull(digest);
  }

  /** Written out, as is {@link #equals}: a record's own are linked at run time, at every start. */
  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TreeId id && digest.equals(id.digest);
  }

  @Override
  public int compareTo(TreeId other) {
    return digest.compareTo(other.digest);
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
