package dev.imgstore.store.catalog;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Where a catalog lies that is a file of the store, and how it is told from a damaged one: beside
 * it lies its sum, which is taken away before the file is changed and written once it is whole
 * again. All but {@link #tryLock} is called by who holds the lock.
 */
public interface CatalogFiles {
  /** The database's file, absolute, without the ending that H2 adds. */
  String base();

  /**
   * Takes {@code catalog.lock} if nobody holds it; does not wait. The caller closes it.
   *
   * @throws IOException if this user may not change the store
   */
  Optional<Closeable> tryLock() throws IOException;

  /** True if there is a file that belongs to this user and matches its sum. */
  boolean isSound() throws IOException;

  /** True if there is a file at all. */
  boolean isThere() throws IOException;

  /** Bytes of the file. */
  long size() throws IOException;

  /** The file is about to change: from now on it is not sound. */
  void begin() throws IOException;

  /** The file has changed and is closed: it is sound. */
  void end() throws IOException;

  /** Removes the file and all that belongs to it. */
  void discard() throws IOException;
}
