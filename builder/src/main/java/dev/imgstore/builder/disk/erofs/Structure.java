package dev.imgstore.builder.disk.erofs;

/** The sizes this room has chosen. */
final class Structure {
  /** Bytes of a block: what every machine's kernel mounts. */
  static final int BLOCK = 4096;

  private Structure() {}

  /** Blocks that hold this many bytes. */
  static long blocks(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK;
  }

  /** The next multiple of a unit. */
  static long up(long offset, int unit) {
    return (offset + unit - 1) / unit * unit;
  }
}
