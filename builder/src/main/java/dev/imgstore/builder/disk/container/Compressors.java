package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.pack.deflate.BlockDeflater;
import dev.imgstore.store.Frames;

/**
 * The compressors, whose output is pinned: {@link BlockDeflater#ENCODER}, {@link
 * BlockDeflater#QUICK_ENCODER}, {@link Frames#ENCODER}.
 */
final class Compressors {
  private static final int ZLIB_EXTRA = 6;

  /**
   * QEMU's decoder looks back 4 KiB and not farther (docs/interop/qcow2, "Compressed Clusters").
   */
  private static final int QCOW_WINDOW = 4096;

  private Compressors() {}

  /** A zstd frame. */
  static Compressor zstd() {
    return new Compressor() {
      @Override
      public int compress(byte[] unit, byte[] out) {
        return Frames.encode(unit, 0, unit.length, out);
      }

      @Override
      public int bound(int length) {
        return Frames.bound(length);
      }
    };
  }

  /** A deflate stream without a header. */
  static Compressor deflate() {
    BlockDeflater deflater = BlockDeflater.withWindow(QCOW_WINDOW);
    return new Compressor() {
      @Override
      public int compress(byte[] unit, byte[] out) {
        return deflater.deflate(unit, 0, unit.length, out, 0);
      }

      @Override
      public int bound(int length) {
        return BlockDeflater.bound(length);
      }
    };
  }

  /** A zlib stream with the full window, made quickly. */
  static Compressor zlib() {
    BlockDeflater deflater = BlockDeflater.quick();
    return new Compressor() {
      @Override
      public int compress(byte[] unit, byte[] out) {
        byte[] packed = deflater.zlib(unit, 0, unit.length);
        System.arraycopy(packed, 0, out, 0, packed.length);
        return packed.length;
      }

      @Override
      public int bound(int length) {
        return BlockDeflater.bound(length) + ZLIB_EXTRA;
      }
    };
  }
}
