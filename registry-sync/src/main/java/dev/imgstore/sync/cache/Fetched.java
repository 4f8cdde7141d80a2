package dev.imgstore.sync.cache;

import dev.imgstore.model.Digest;
import java.util.List;

/**
 * A result that came, with all that it reaches.
 *
 * @param roots as they were shared, see {@link Share#roots}
 * @param by names of the trusted keys that state it, those that count
 * @param origin built, if one of these built it
 * @param packs that were fetched
 * @param bytes that were fetched
 */
public record Fetched(
    Digest result, List<Digest> roots, List<String> by, Origin origin, int packs, long bytes) {
  /** Copies in. */
  public Fetched {
    roots = List.copyOf(roots);
    by = List.copyOf(by);
  }
}
