package dev.imgstore.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where stored bytes are: a sealed segment or one being written. Safe for many threads. */
interface Place {
  /**
   * Fills {@code target} with stored bytes of an entry of this place, from byte {@code from} of its
   * body, unchecked. If a collection has moved the body elsewhere meanwhile, they come from there.
   *
   * @throws dev.imgstore.store.StoreException.MissingBlob if it is in no place any more
   */
  void read(Entry entry, long from, ByteBuffer target) throws IOException;

  /** True if the file is there at this moment. */
  boolean isThere() throws IOException;

  /** True of what this process has just written: no other copy can be taken instead. */
  default boolean isBeingWritten() {
    return false;
  }

  /**
   * From now on this body is not found any more, because it is not what it should be: another copy
   * is, or the blob is stored again.
   *
   * @return false if that was so already, or cannot be
   */
  boolean distrust(Entry entry);

  /** The file, for messages. */
  @Override
  String toString();
}
