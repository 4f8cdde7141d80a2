package dev.imgstore.store;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.Arrays;

/**
 * One chunk as one zstd frame (RFC 8878): content size in the header, no checksum, no dictionary.
 * The encoder's number and the level are part of every key that names packed bytes, because other
 * encoders write other bytes.
 */
public final class Frames {
  /** Names library version and parameters; a change of either gets a new number. */
  public static final int ENCODER = 1;

  /** No frame of any encoder holds more bytes, so that a hostile length allocates little. */
  public static final int MAX_PLAIN = 8 << 20;

  static final int LEVEL = 3;

  private static final ThreadLocal<ZstdCompressCtx> COMPRESSOR =
      ThreadLocal.withInitial(
          () -> new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false).setContentSize(true));
  private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESSOR =
      ThreadLocal.withInitial(ZstdDecompressCtx::new);

  private Frames() {}

  /** No frame of {@code length} bytes is longer than this. */
  public static int bound(int length) {
    return length + (length >>> 7) + 1024;
  }

  /** The frame of {@code length} bytes from {@code offset}. */
  public static byte[] encode(byte[] bytes, int offset, int length) {
    byte[] target = new byte[bound(length)];
    return Arrays.copyOf(target, encode(bytes, offset, length, target));
  }

  /**
   * Writes the frame of {@code length} bytes from {@code offset} to the start of {@code target},
   * which has room for {@link #bound}.
   *
   * @return bytes of the frame
   */
  public static int encode(byte[] bytes, int offset, int length, byte[] target) {
    return COMPRESSOR.get().compressByteArray(target, 0, target.length, bytes, offset, length);
  }

  /**
   * The bytes of a frame.
   *
   * @param size the size they must have
   * @throws IllegalArgumentException if this is no frame of that many bytes
   */
  public static byte[] decode(byte[] frame, int size) {
    byte[] target = new byte[size];
    int got;
    try {
      got = DECOMPRESSOR.get().decompressByteArray(target, 0, size, frame, 0, frame.length);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a zstd frame of " + size + " bytes", e);
    }
    if (got != size) {
      throw new IllegalArgumentException("the frame holds " + got + " bytes, not " + size);
    }
    return target;
  }
}
