package dev.imgstore.store;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * When this store is collected by itself, as given; the store does not look into it.
 *
 * @param when a calendar's words
 * @param facts all else that belongs to it
 * @param since when it was given
 * @param who by whom
 */
public record Schedule(String when, SortedMap<String, String> facts, Instant since, String who) {
  /** Refuses one without words, and copies in. */
  public Schedule {
    facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
    Objects.requireNonNull(since);
    Objects.requireNonNull(who);
    if (when.isBlank()) {
      throw new IllegalArgumentException("a schedule says when");
    }
  }

  /** Whether it asks for the same. */
  public boolean says(String otherWhen, Map<String, String> otherFacts) {
    return when.equals(otherWhen) && facts.equals(otherFacts);
  }
}
