package dev.imgstore.builder.disk;

import java.io.IOException;

/**
 * Takes the bytes of a volume, at ascending offsets that do not overlap. Whatever lies between is
 * zero.
 */
public interface VolumeSink {
  /** Takes {@code length} bytes of the array, which is the caller's again once this returns. */
  void write(long offset, byte[] bytes, int from, int length) throws IOException;
}
