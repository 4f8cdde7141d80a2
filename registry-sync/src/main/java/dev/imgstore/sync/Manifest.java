package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import java.util.Objects;

/**
 * A manifest or index as its bytes are: never parsed and written again.
 *
 * @param mediaType as the registry said it, or as it is to be said
 * @param bytes not changed by anybody afterwards
 */
public record Manifest(String mediaType, byte[] bytes) {
  /** Most bytes that are read or sent, as registries have it. */
  public static final int MAX_BYTES = 4 << 20;

  /** Refuses null, and more than {@link #MAX_BYTES}. */
  public Manifest {
    Objects.requireNonNull(mediaType);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a manifest of " + bytes.length + " bytes; at most " + MAX_BYTES + " are taken");
    }
  }

  /** Its name. */
  public Digest digest() {
    return Digest.of(bytes);
  }

  /** What others say of it. */
  public Descriptor descriptor() {
    return new Descriptor(mediaType, digest(), bytes.length);
  }
}
