package dev.imgstore.sync.cache;

import dev.imgstore.sync.keys.PublicKey;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whose word counts.
 *
 * @param need so many keys must state the same result. For 1 it may be copied; for more, only what
 *     each of them built counts
 * @param keys by names for people; no key twice
 */
public record Trust(int need, SortedMap<String, PublicKey> keys) {
  /** Most keys: each costs a request for what is not there. */
  public static final int MOST = 64;

  /** Refuses more than there are keys, unless there are none: then nobody is trusted. */
  public Trust {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    if (keys.size() > MOST) {
      throw new IllegalArgumentException(keys.size() + " trusted keys; at most " + MOST);
    }
    if (keys.values().stream().distinct().count() < keys.size()) {
      throw new IllegalArgumentException("one key has two names among the trusted ones");
    }
    if (need < 1 || (need > keys.size() && !keys.isEmpty())) {
      throw new IllegalArgumentException(
          need + " keys must agree, and " + keys.size() + " are trusted");
    }
  }

  /** Nobody's. */
  public static Trust nobody() {
    return new Trust(1, Collections.emptySortedMap());
  }

  /** The name of a key, if it is trusted. */
  Optional<String> name(PublicKey key) {
    return keys.entrySet().stream()
        .filter(each -> each.getValue().equals(key))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
