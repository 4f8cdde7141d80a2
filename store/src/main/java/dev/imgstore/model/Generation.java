package dev.imgstore.model;

import java.time.Instant;
import java.util.Objects;

/**
 * One numbered result of a profile.
 *
 * @param number from 1, never reused
 * @param image digest of the manifest or index
 * @param record digest of the build record: recipe, lock, inputs and trees this came from
 * @param author who made it
 * @param message why, as given; may be empty
 */
public record Generation(
    int number, Digest image, Digest record, Instant created, String author, String message) {
  /** Refuses numbers below 1. */
  public Generation {
    if (number < 1) {
      throw new IllegalArgumentException("generations count from 1");
    }
    Objects.requireNonNull(image);
    Objects.requireNonNull(record);
    Objects.requireNonNull(created);
    Objects.requireNonNull(author);
    Objects.requireNonNull(message);
  }
}
