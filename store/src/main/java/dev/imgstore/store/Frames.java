package dev.imgstore.store;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One chunk as one zstd frame (RFC 8878): content size in the header, no checksum, no dictionary. A
 * chunk that zstd does not make shorter becomes a single raw block, written here, whose bytes
 * depend on no library. The encoder's number is part of every key that names packed bytes, because
 * other encoders write other bytes.
 */
public final class Frames {
  /** Names library version and parameters; a change of either gets a new number. */
  public static final int ENCODER = 1;

  /** No frame of any encoder holds more bytes, so that a hostile length allocates little. */
  public static final int MAX_PLAIN = Cutter.MAX;

  /** No frame of any encoder is longer than its chunk by more than this. */
  public static final int MAX_OVERHEAD = 64;

  static final int LEVEL = 3;

  private static final int MAGIC = 0xFD2FB528;
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int SIZE_IN_TWO = 0x40 | SINGLE_SEGMENT;
  private static final int SIZE_IN_FOUR = 0x80 | SINGLE_SEGMENT;
  private static final int LAST_RAW_BLOCK = 1;

  private static final ThreadLocal<ZstdCompressCtx> COMPRESSOR =
      ThreadLocal.withInitial(
          () -> new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false).setContentSize(true));
  private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESSOR =
      ThreadLocal.withInitial(ZstdDecompressCtx::new);

  private Frames() {}

  /** Room that {@link #encode} needs for the frame of {@code length} bytes. */
  public static int bound(int length) {
    return length + (length >>> 7) + 1024;
  }

  /** The frame of {@code length} bytes from {@code offset}, at most {@link #MAX_PLAIN}. */
  public static byte[] encode(byte[] bytes, int offset, int length) {
    byte[] target = new byte[bound(length)];
    return Arrays.copyOf(target, encode(bytes, offset, length, target));
  }

  /**
   * Writes the frame of {@code length} bytes from {@code offset} to the start of {@code target},
   * which has room for {@link #bound}.
   *
   * @return bytes of the frame
   * @throws IllegalArgumentException if the chunk is longer than {@link #MAX_PLAIN}
   */
  public static int encode(byte[] bytes, int offset, int length, byte[] target) {
    if (length > MAX_PLAIN) {
      throw new IllegalArgumentException(
          "a chunk has at most " + MAX_PLAIN + " bytes, not " + length);
    }
    int size = COMPRESSOR.get().compressByteArray(target, 0, target.length, bytes, offset, length);
    return size < length ? size : encodeRaw(bytes, offset, length, target);
  }

  /** RFC 8878, sections 3.1.1.1 and 3.1.1.2: frame header without a window, one raw block. */
  private static int encodeRaw(byte[] bytes, int offset, int length, byte[] target) {
    ByteBuffer out = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN).putInt(MAGIC);
    if (length < 256) {
      out.put((byte) SINGLE_SEGMENT).put((byte) length);
    } else if (length < 65_536 + 256) {
      out.put((byte) SIZE_IN_TWO).putShort((short) (length - 256));
    } else {
      out.put((byte) SIZE_IN_FOUR).putInt(length);
    }
    int header = length << 3 | LAST_RAW_BLOCK;
    out.put((byte) header).put((byte) (header >> 8)).put((byte) (header >> 16));
    return out.put(bytes, offset, length).position();
  }

  /**
   * The bytes of a frame.
   *
   * @param size the size they must have
   * @throws IllegalArgumentException if this is no frame of that many bytes
   */
  public static byte[] decode(byte[] frame, int size) {
    byte[] target = new byte[size];
    decode(frame, 0, frame.length, target, size);
    return target;
  }

  /** As {@link #decode(byte[], int, int, byte[], int, int)}, to the start of {@code target}. */
  public static void decode(byte[] frame, int offset, int length, byte[] target, int size) {
    decode(frame, offset, length, target, 0, size);
  }

  /**
   * The bytes of a frame that is {@code length} bytes from {@code offset}, in {@code target} from
   * {@code at} on.
   *
   * @param size the size they must have
   * @throws IllegalArgumentException if this is no frame of that many bytes
   */
  public static void decode(byte[] frame, int offset, int length, byte[] target, int at, int size) {
    int got;
    try {
      got = DECOMPRESSOR.get().decompressByteArray(target, at, size, frame, offset, length);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a zstd frame of " + size + " bytes", e);
    }
    if (got != size) {
      throw new IllegalArgumentException("the frame holds " + got + " bytes, not " + size);
    }
  }
}
