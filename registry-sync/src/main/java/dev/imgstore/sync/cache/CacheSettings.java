package dev.imgstore.sync.cache;

import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * How a cache is used.
 *
 * @param pool sends and fetches, as many packs at once as it has threads: two to four. Stays the
 *     caller's; no thread of it may call the cache
 * @param notices is told in a sentence, by any thread, what was refused and why, and once if the
 *     cache is left alone
 * @param progress is told by any thread how far it is
 */
public record CacheSettings(
    Trust trust, ExecutorService pool, Consumer<String> notices, Progress progress, Clock clock) {
  /** Told how far it is, from several threads. */
  @FunctionalInterface
  public interface Progress {
    /** Nobody looks. */
    Progress NONE = (done, total) -> {};

    /** Bytes of packs, of those that have to travel so far as is known. */
    void at(long done, long total);
  }
}
