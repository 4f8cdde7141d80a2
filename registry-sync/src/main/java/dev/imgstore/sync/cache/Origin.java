package dev.imgstore.sync.cache;

import java.util.Locale;
import java.util.Optional;

/** How whoever states a result came by it. */
public enum Origin {
  /** The action ran in his store. */
  BUILT,
  /** He took it from somebody he trusts; where several must agree, it does not count. */
  COPIED;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As it is written. */
  public String word() {
    return word;
  }

  /** The origin that is written so. */
  public static Optional<Origin> of(String word) {
    for (Origin each : values()) {
      if (each.word.equals(word)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
