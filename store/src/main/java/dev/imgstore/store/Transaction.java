package dev.imgstore.store;

import java.io.Closeable;
import java.io.IOException;

/**
 * Blobs put together and made durable together, with one sync (law 2: refer to a blob only after
 * {@link #flush}). What was put can be read back at once through this object, by others after the
 * flush. Closing without a flush gives up what was not flushed. Safe for many threads.
 */
public interface Transaction extends FrameStore, Closeable {
  /** On return all that was put is durable and visible to every process. */
  void flush() throws IOException;

  @Override
  void close() throws IOException;
}
