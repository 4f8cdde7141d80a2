package dev.imgstore.sync.cache;

import java.util.List;

/**
 * What a collection of a cache removes, or would.
 *
 * @param removed results, the newest first; refused ones are removed too and not among them
 * @param refused what looked like results and was none, a sentence each
 * @param kept results
 * @param packs that nothing names any more
 * @param bytes of these; the registry frees them when it collects its own garbage
 */
public record CacheCollection(
    List<CacheEntry> removed, List<String> refused, int kept, int packs, long bytes) {
  /** Copies in. */
  public CacheCollection {
    removed = List.copyOf(removed);
    refused = List.copyOf(refused);
  }
}
