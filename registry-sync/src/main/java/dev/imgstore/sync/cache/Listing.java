package dev.imgstore.sync.cache;

import java.util.List;

/**
 * What is in a cache.
 *
 * @param entries the newest first
 * @param refused sentences on what looks like a result and is none
 * @param others tags in the repository that have nothing to do with the cache
 * @param packs all packs the entries need, each once
 * @param bytes that these have
 */
public record Listing(
    List<CacheEntry> entries, List<String> refused, int others, int packs, long bytes) {
  /** Copies in. */
  public Listing {
    entries = List.copyOf(entries);
    refused = List.copyOf(refused);
  }
}
