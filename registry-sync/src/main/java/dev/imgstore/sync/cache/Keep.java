package dev.imgstore.sync.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * What a collection of a cache keeps: what one of its rules says. Of each signer, kind and name the
 * newest, and whatever is young.
 *
 * @param newest so many; 0 for none
 * @param younger than this; empty for none
 */
public record Keep(int newest, Optional<Duration> younger) {
  /** Refuses to keep nothing. */
  public Keep {
    if (newest < 0 || younger.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException("less than nothing is to be kept");
    }
    if (newest == 0 && younger.isEmpty()) {
      throw new IllegalArgumentException("nothing is to be kept; say how many, or for how long");
    }
  }
}
