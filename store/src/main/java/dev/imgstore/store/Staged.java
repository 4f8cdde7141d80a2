package dev.imgstore.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bytes that come in several parts and have no name yet, as an upload does: in the store's {@code
 * tmp/}, not synced, and gone when this or the store is closed or the process has died. For one
 * thread at a time.
 */
public interface Staged extends Closeable {
  /** Bytes so far. */
  long size();

  /**
   * Adds what the stream gives up to its end, which the caller closes; after a failure what came
   * before it is kept.
   *
   * @param limit more bytes than this are not taken
   * @return false if the stream had more
   */
  boolean append(InputStream bytes, long limit) throws IOException;

  /** All bytes from the first on; the caller closes it. */
  InputStream open() throws IOException;

  /** Gives them up. */
  @Override
  void close() throws IOException;
}
