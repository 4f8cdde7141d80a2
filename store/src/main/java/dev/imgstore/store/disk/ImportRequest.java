package dev.imgstore.store.disk;

import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;

/**
 * A directory to import, and with what.
 *
 * @param store the store's own directory, which is refused if it lies below
 * @param now the time before anything of the directory is looked at
 * @param pool runs listing and reading; stays the caller's, whose thread must not be one of it
 * @param threads of the pool that are used
 */
public record ImportRequest(
    Path directory, Path store, Instant now, ExecutorService pool, int threads, Watcher watcher) {
  /** Told how far an import is. Called from many threads. */
  public interface Watcher {
    /** Says nothing. */
    Watcher NONE = (done, total) -> {};

    /** Bytes of files that are done, and all. */
    void at(long done, long total);
  }
}
