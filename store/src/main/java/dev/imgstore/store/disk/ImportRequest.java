package dev.imgstore.store.disk;

import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;

/**
 * A directory to import, and with what.
 *
 * @param keeps what of each name is kept
 * @param store the store's own directory, which is refused if it lies below
 * @param now the time before anything of the directory is looked at
 * @param pool runs listing and reading; stays the caller's, whose thread must not be one of it
 * @param threads of the pool that are used
 */
public record ImportRequest(
    Path directory,
    Keeps keeps,
    Path store,
    Instant now,
    ExecutorService pool,
    int threads,
    Caller caller) {
  /** What of each name is kept. */
  public enum Keeps {
    /** All that a tree can say. */
    EVERYTHING,
    /**
     * What people put into a recipe: contents, links, and whether the owner may execute a file.
     * Owners are 0, modes the usual ones, files with several names are several; devices and pipes
     * are refused.
     */
    CONTENT
  }

  /** Who imports. Called from many threads. */
  public interface Caller {
    /** Bytes of files that are done, and all. */
    default void at(long done, long total) {}

    /** True if a root holds this tree, which the directory gave the last time, and all of it. */
    default boolean isCurrent(TreeId tree) throws IOException {
      return false;
    }

    /** As {@link #isCurrent}, until the caller is done: by a lease, taken before it is asked. */
    default boolean keeps(TreeId tree) throws IOException {
      return false;
    }
  }
}
