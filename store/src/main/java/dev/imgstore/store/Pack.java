package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;

/** A segment that is no file: its bytes are gathered while they are read. Safe for threads. */
public interface Pack {
  /** Of all its bytes. */
  Digest digest();

  /** How many they are. */
  long size();

  /** All of them; the caller closes it. */
  InputStream open() throws IOException;
}
