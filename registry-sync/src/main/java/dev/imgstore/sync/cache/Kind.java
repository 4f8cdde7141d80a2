package dev.imgstore.sync.cache;

import java.util.Locale;
import java.util.Optional;

/** What was done; a statement of one kind is none of another. */
public enum Kind {
  /** A whole build: the result is a build record. */
  BUILD,
  /** A base system. */
  BASE,
  /** Something that was fetched and made into a tree. */
  INPUT,
  /** A step that ran. */
  STEP;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As it is written. */
  public String word() {
    return word;
  }

  /** The kind that is written so. */
  public static Optional<Kind> of(String word) {
    for (Kind each : values()) {
      if (each.word.equals(word)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
