package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Refuses or tells what must not be used, where the store itself does not: bases, and files. */
final class Revoked {
  private Revoked() {}

  /** Says that what a command hands out must not be used: whoever looks into it may have it. */
  static void tell(StoreCommand command, Store store, Ref found) throws IOException {
    tell(command, store, found.name(), found.generation().image());
  }

  /** The same, of an image that is called so. */
  static void tell(StoreCommand command, Store store, String name, Digest image)
      throws IOException {
    try {
      store.roots().requireUsable(image);
    } catch (StoreException.Revoked e) {
      command.root().notice(name + " must not be used: " + e.getMessage());
    } catch (StoreException.Corrupt e) {
      command.root().notice("whether " + name + " was revoked cannot be said: " + e.getMessage());
    }
  }

  /** Why an image must not be used, whole or in part. */
  static Optional<Revocation> of(Store store, Digest image) throws IOException {
    try {
      store.roots().requireUsable(image);
      return Optional.empty();
    } catch (StoreException.Revoked e) {
      return Optional.of(e.revocation());
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
