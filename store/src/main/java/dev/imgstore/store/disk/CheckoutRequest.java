package dev.imgstore.store.disk;

import dev.imgstore.model.TreeId;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;

/**
 * A tree to write to a directory, and with what.
 *
 * @param target a name that is not there, or an empty directory, which is replaced
 * @param owners whether files get the owners of the tree, which takes root
 * @param pool runs the writing; stays the caller's, whose thread must not be one of it
 * @param threads of the pool that are used
 */
public record CheckoutRequest(
    TreeId tree, Path target, Owners owners, ExecutorService pool, int threads, Watcher watcher) {
  /** Who owns what is written. */
  public enum Owners {
    /** Those of the tree. */
    OF_THE_TREE,
    /** Whoever runs this. */
    OURS
  }

  /** Told how far a checkout is. Called from many threads. */
  public interface Watcher {
    /** Says nothing. */
    Watcher NONE = (done, total) -> {};

    /** Files that are written, and all. */
    void at(long done, long total);
  }
}
