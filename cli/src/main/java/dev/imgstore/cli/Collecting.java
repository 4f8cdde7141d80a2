package dev.imgstore.cli;

import dev.imgstore.store.Collector;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A collection that others work beside: who tags, pins or goes back to what it is about to drop
 * comes first, and it begins again without that. Only who does so again and again ends it.
 */
final class Collecting {
  private static final int TRIES = 3;

  private Collecting() {}

  /** Plans, and does what it has planned. */
  interface Work<T> {
    /**
     * Does it.
     *
     * @param last whether what is kept meanwhile ends it
     */
    T with(Collector collector, boolean last) throws IOException;
  }

  /**
   * Does the work with a collector, and with another if somebody kept what was to go.
   *
   * @param notices told of that
   * @throws StoreException.Locked if somebody else collects
   */
  static <T> T run(Store store, Consumer<String> notices, Work<T> work) throws IOException {
    for (int left = TRIES; ; left--) {
      try (Collector collector = store.collector()) {
        return work.with(collector, left == 1);
      } catch (StoreException.Kept e) {
        if (left == 1) {
          throw e;
        }
        notices.accept("meanwhile " + e.getMessage() + "; this collection begins again");
      }
    }
  }
}
