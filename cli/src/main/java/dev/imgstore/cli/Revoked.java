package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Refuses what must not be used, where the store itself does not: what leaves, and bases. */
final class Revoked {
  private Revoked() {}

  /**
   * Refuses an image, or one with a platform that is revoked.
   *
   * @throws StoreException.Revoked with the reason
   */
  static void refuse(Store store, Digest image) throws IOException {
    List<Revocation> all = store.roots().revocations();
    if (all.isEmpty()) {
      return;
    }
    List<Digest> parts = new ArrayList<>(List.of(image));
    if (ImageManifest.read(store.blobs(), image) instanceof ImageManifest.Index index) {
      index.manifests().forEach(each -> parts.add(each.manifest().digest()));
    }
    for (Digest part : parts) {
      refuse(all, part);
    }
  }

  private static void refuse(List<Revocation> all, Digest image) throws StoreException.Revoked {
    for (Revocation each : all) {
      if (each.isOf(image)) {
        throw new StoreException.Revoked(image, each);
      }
    }
  }

  /**
   * Refuses to build from a revoked image.
   *
   * @param lock its images by digest, indexes and manifests
   */
  static void refuse(Store store, Lock lock) throws IOException {
    List<Revocation> all = store.roots().revocations();
    for (Lock.Fetched each : lock.fetched()) {
      try {
        refuse(all, each.sha256());
      } catch (StoreException.Revoked e) {
        throw new CommandFailure(
            ExitCode.FOUND, "the input " + each.input() + ": " + e.getMessage(), e);
      }
    }
  }
}
