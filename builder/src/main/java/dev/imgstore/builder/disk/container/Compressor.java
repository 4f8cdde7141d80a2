package dev.imgstore.builder.disk.container;

/** Makes one unit shorter. An instance is for one thread at a time. */
interface Compressor {
  /**
   * Compresses all of {@code unit}.
   *
   * @param out has room for {@link #bound}
   * @return bytes written to the start of {@code out}
   */
  int compress(byte[] unit, byte[] out);

  /** Room that a unit of this many bytes needs. */
  int bound(int length);
}
