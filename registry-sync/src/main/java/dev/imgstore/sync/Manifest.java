package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import java.util.Objects;

/** A manifest or index as its bytes are: never parsed and written again. */
public final class Manifest {
  /** Most bytes that are read or sent, as registries have it. */
  public static final int MAX_BYTES = 4 << 20;

  private final String mediaType;
  private final byte[] bytes;

  /**
   * Refuses null, and more than {@link #MAX_BYTES}.
   *
   * @param mediaType as the registry said it, or as it is to be said
   * @param bytes not changed by anybody afterwards
   */
  public Manifest(String mediaType, byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a manifest of " + bytes.length + " bytes; at most " + MAX_BYTES + " are taken");
    }
    this.mediaType = Objects.requireNonNull(mediaType);
    this.bytes = bytes;
  }

  /** As given. */
  public String mediaType() {
    return mediaType;
  }

  /** Its bytes, which nobody changes. */
  public byte[] bytes() {
    return bytes;
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
