package dev.imgstore.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where stored bytes are: a sealed segment or one being written. Safe for many threads. */
interface Place {
  /** Fills {@code target} from {@code offset} of the file, unchecked. */
  void read(long offset, ByteBuffer target) throws IOException;

  /** The file, for messages. */
  @Override
  String toString();
}
