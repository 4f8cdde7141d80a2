package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.StoreException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells what may be named anew from what is revoked, whole or in part. */
final class Usable {
  private final Currents.Manifests manifests;

  Usable(Currents.Manifests manifests) {
    this.manifests = manifests;
  }

  /**
   * True; a revoked image is refused, and so is an index that any part of is revoked. Only where
   * something is revoked manifests are read; of one that cannot be read nothing is known but its
   * digest.
   */
  boolean require(RootState state, Digest image) throws StoreException {
    if (state.revoked().isEmpty()) {
      return true;
    }
    Set<Digest> seen = new HashSet<>(Set.of(image));
    Deque<Digest> left = new ArrayDeque<>(seen);
    while (!left.isEmpty()) {
      Digest next = left.remove();
      Optional<Revocation> revoked = state.revoked(next);
      if (revoked.isPresent()) {
        throw new StoreException.Revoked(next, revoked.get());
      }
      parts(next).stream().filter(seen::add).forEach(left::add);
    }
    return true;
  }

  /** The manifests that an index names. */
  private List<Digest> parts(Digest image) {
    Optional<byte[]> bytes = manifests.read(image);
    try {
      return bytes.isPresent() ? ImageManifest.parse(image, bytes.get()).parts() : List.of();
    } catch (StoreException e) {
      return List.of(); // damaged: verify says so
    }
  }
}
