package dev.imgstore.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One numbered result of a profile.
 *
 * @param number from 1, never reused
 * @param image digest of the manifest or index
 * @param record digest of the build record: recipe, lock, inputs and trees this came from
 * @param author who made it
 * @param message why, as given; may be empty
 * @param took how long it took to make; zero if nobody measured
 * @param notes more that was known when it was made, for people: {@code git}, the commit of its
 *     recipe
 */
public record Generation(
    int number,
    Digest image,
    Digest record,
    Instant created,
    String author,
    String message,
    Duration took,
    SortedMap<String, String> notes) {
  /** Refuses numbers below 1, and negative durations. */
  public Generation {
    if (number < 1) {
      throw new IllegalArgumentException("generations count from 1");
    }
    Objects.requireNonNull(image);
    Objects.requireNonNull(record);
    Objects.requireNonNull(created);
    Objects.requireNonNull(author);
    Objects.requireNonNull(message);
    notes = Collections.unmodifiableSortedMap(new TreeMap<>(notes));
    if (took.isNegative()) {
      throw new IllegalArgumentException("nothing takes less than no time");
    }
  }

  /** One of which nobody measured how long it took. */
  public Generation(
      int number, Digest image, Digest record, Instant created, String author, String message) {
    this(number, image, record, created, author, message, Duration.ZERO);
  }

  /** One without notes. */
  public Generation(
      int number,
      Digest image,
      Digest record,
      Instant created,
      String author,
      String message,
      Duration took) {
    this(number, image, record, created, author, message, took, Collections.emptySortedMap());
  }
}
