package dev.imgstore.builder.disk.container;

import java.io.IOException;

/** A file that is being made: takes bytes at any offset; what is never written is zero. */
public interface ContainerSink {
  /** Takes {@code length} bytes of the array, which is the caller's again once this returns. */
  void write(long offset, byte[] bytes, int from, int length) throws IOException;

  /** Takes all bytes of the array. */
  default void write(long offset, byte[] bytes) throws IOException {
    write(offset, bytes, 0, bytes.length);
  }
}
