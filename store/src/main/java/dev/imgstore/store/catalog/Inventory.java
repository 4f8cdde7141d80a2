package dev.imgstore.store.catalog;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/** The generations of a store, one after the other, with what they were made from. */
final class Inventory {
  private static final int MAX_RECORD = 64 << 20;

  private final Truth truth;

  Inventory(Truth truth) {
    this.truth = truth;
  }

  /** Sees every generation. */
  interface Visitor {
    void visit(Profile profile, Generation generation) throws IOException;
  }

  /** Visits by name, then by number. */
  void each(Visitor visitor) throws IOException {
    for (String name : truth.names()) {
      Optional<Profile> profile = truth.profile(name);
      if (profile.isPresent()) {
        for (Generation generation : profile.get().generations()) {
          visitor.visit(profile.get(), generation);
        }
      }
    }
  }

  /** The build record; empty if it is gone or damaged. */
  Optional<BuildRecord> record(Generation generation) throws IOException {
    try {
      byte[] bytes = truth.blobs().read(generation.record(), MAX_RECORD);
      return Optional.of(BuildRecord.decode(generation.record(), bytes));
    } catch (StoreException.MissingBlob | StoreException.Corrupt e) {
      return Optional.empty();
    }
  }

  /** Whether a generation is there now; what it needs may be gone as soon as it is not. */
  boolean isThere(String profile, int number) throws IOException {
    return truth.profile(profile).flatMap(now -> now.generation(number)).isPresent();
  }

  /** What answers say of a part. */
  static Part part(Profile profile, Generation generation, BuildRecord.Part part) {
    return new Part(
        profile.name(),
        generation.number(),
        generation.number() == profile.current(),
        generation.created(),
        generation.image(),
        part.platform(),
        part.manifest());
  }
}
