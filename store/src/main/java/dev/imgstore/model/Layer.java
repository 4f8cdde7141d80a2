package dev.imgstore.model;

import java.util.Objects;

/** One layer: the compressed blob that is sent, and the tar it decompresses to. */
public record Layer(Descriptor blob, DiffId diffId) {
  /** Refuses null. */
  public Layer {
    Objects.requireNonNull(blob);
    Objects.requireNonNull(diffId);
  }
}
