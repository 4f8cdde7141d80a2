package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.time.Instant;
import java.util.Objects;

/** One of several changes of pins that are made together, see {@link Roots#change}. */
public sealed interface PinChange {
  /** The pin that changes. */
  String name();

  /** The name keeps this image from now on, whatever it kept before; the spec says it there. */
  record Pinned(String name, Digest image, Root.Spec spec) implements PinChange {
    /** Refuses names that no listing could show. */
    public Pinned {
      if (!Roots.isPinName(name)) {
        throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
      }
      Objects.requireNonNull(image);
      Objects.requireNonNull(spec);
    }
  }

  /** The name keeps nothing any more. */
  record Unpinned(String name) implements PinChange {}

  /**
   * The spec does not say it any more, since then; the pin stays. One that is marked so already
   * stays as it is.
   */
  record Missing(String name, Instant since) implements PinChange {}

  /** The spec says it again. */
  record Found(String name) implements PinChange {}
}
