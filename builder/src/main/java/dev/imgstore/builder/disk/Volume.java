package dev.imgstore.builder.disk;

import java.io.IOException;

/**
 * A disk or a partition of known size, whose bytes are made in order. It can be written more than
 * once, and gives the same bytes each time.
 */
public interface Volume {
  /** How many bytes there are, the zeros that are never written among them. */
  long size();

  /**
   * Makes the bytes: gives the sink every run that is not zero, in ascending order, within {@link
   * #size}. What is not written is zero. The sink's failures pass through.
   */
  void writeTo(VolumeSink sink) throws IOException;
}
