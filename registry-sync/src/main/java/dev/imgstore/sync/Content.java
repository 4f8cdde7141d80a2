package dev.imgstore.sync;

import java.io.IOException;
import java.io.InputStream;

/** Bytes that can be read again, for an upload that has to begin once more. Safe for threads. */
@FunctionalInterface
public interface Content {
  /** From the first byte on; the caller closes it. */
  InputStream open() throws IOException;
}
