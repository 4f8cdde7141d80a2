package dev.imgstore.cli;

import dev.imgstore.model.Generation;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import java.io.IOException;

/** Whether going from one generation to another leads back over a migration of data. */
final class Barrier {
  private static final int MAX_RECORD = 64 << 20;

  private Barrier() {}

  /**
   * Why one may not go there; empty if one may.
   *
   * @param from what is current
   * @param to what is to be
   */
  static String between(BlobReader blobs, String profile, Generation from, Generation to) {
    BuildRecord.Barrier now;
    BuildRecord.Barrier then;
    try {
      now = read(blobs, from);
      then = read(blobs, to);
    } catch (IOException e) {
      return "whether a state barrier lies between "
          + label(profile, from)
          + " and "
          + label(profile, to)
          + " cannot be read ("
          + e.getMessage()
          + ")";
    }
    if (then.number() >= now.number()) {
      return "";
    }
    return "state barrier "
        + now.number()
        + " lies between "
        + label(profile, from)
        + " and "
        + label(profile, to)
        + (now.text().isEmpty() ? "" : ": " + now.text());
  }

  private static String label(String profile, Generation generation) {
    return profile + "@" + generation.number();
  }

  private static BuildRecord.Barrier read(BlobReader blobs, Generation generation)
      throws IOException {
    byte[] bytes = blobs.read(generation.record(), MAX_RECORD);
    return BuildRecord.decode(generation.record(), bytes).barrier();
  }
}
