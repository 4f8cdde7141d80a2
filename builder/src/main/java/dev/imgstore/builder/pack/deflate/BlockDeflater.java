package dev.imgstore.builder.pack.deflate;

import java.util.Arrays;
import java.util.Objects;
import java.util.zip.Adler32;

/**
 * Compresses byte arrays to DEFLATE (RFC 1951) or zlib (RFC 1950).
 *
 * <p>The output depends on the input bytes and the window alone: not on the JDK, the platform, the
 * bytes around the range, or what the instance compressed before. It stays the same for as long as
 * {@link #ENCODER} does; any change of the output, however good, needs a new name there. Output is
 * never longer than {@link #bound}.
 *
 * <p>An instance holds about 600 KiB of tables and is meant to be used again. It is not for use by
 * several threads at once.
 */
public final class BlockDeflater {
  /** Names this encoder and all its settings wherever an output's origin is part of a key. */
  public static final String ENCODER = "imgstore-deflate-1";

  /** As {@link #ENCODER}, for {@link #quick}. */
  public static final String QUICK_ENCODER = "imgstore-deflate-quick-1";

  /** The farthest a deflate stream may look back, in bytes. */
  public static final int WINDOW = 1 << 15;

  /** The longest input of one call, in bytes. */
  public static final int MAX_INPUT = 1 << 30;

  private static final int MIN_WINDOW = 1 << 8;

  private final int window;
  private final BitSink sink = new BitSink();
  private final BlockWriter writer = new BlockWriter(sink);
  private final BlockSplitter splitter = new BlockSplitter(writer);
  private final Parser parser;

  /** A deflater that looks back up to {@link #WINDOW} bytes. */
  public BlockDeflater() {
    this(WINDOW, Effort.FULL);
  }

  private BlockDeflater(int window, Effort effort) {
    this.window = window;
    parser = new Parser(window - 1, effort);
  }

  /**
   * A deflater for decoders with less memory, such as those of qcow2 clusters.
   *
   * @param bytes how far the output may look back: a power of two from 256 to {@link #WINDOW}
   */
  public static BlockDeflater withWindow(int bytes) {
    if (bytes < MIN_WINDOW || bytes > WINDOW || Integer.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(
          "a window is a power of two from " + MIN_WINDOW + " to " + WINDOW + ", not " + bytes);
    }
    return new BlockDeflater(bytes, Effort.FULL);
  }

  /**
   * A deflater that looks back up to {@link #WINDOW} bytes, and takes three quarters of the time
   * for a twentieth more bytes. Its output is {@link #QUICK_ENCODER}'s.
   */
  public static BlockDeflater quick() {
    return new BlockDeflater(WINDOW, Effort.QUICK);
  }

  /** How many bytes the output of {@code length} bytes of input can take, room to work included. */
  public static int bound(int length) {
    if (length < 0 || length > MAX_INPUT) {
      throw new IllegalArgumentException(
          "one call compresses up to " + MAX_INPUT + " bytes, not " + length);
    }
    return length + length / 256 + 64;
  }

  /** The bytes of {@code source} from {@code from} to {@code to} as one deflate stream. */
  public byte[] deflate(byte[] source, int from, int to) {
    Objects.checkFromToIndex(from, to, source.length);
    byte[] out = new byte[bound(to - from)];
    return Arrays.copyOf(out, deflate(source, from, to, out, 0));
  }

  /**
   * Writes the bytes of {@code source} from {@code from} to {@code to} as one deflate stream.
   *
   * @param out where to; from {@code at} on it needs room for {@link #bound} bytes, any of which
   *     may be overwritten
   * @return the index behind the last byte of the stream
   */
  public int deflate(byte[] source, int from, int to, byte[] out, int at) {
    return deflatePart(source, from, from, to, Ending.LAST, out, at);
  }

  /** The bytes of {@code source} from {@code from} to {@code to} as one zlib stream (RFC 1950). */
  public byte[] zlib(byte[] source, int from, int to) {
    Objects.checkFromToIndex(from, to, source.length);
    byte[] out = new byte[bound(to - from) + 2 + 4];
    int method = 8 | ((31 - Integer.numberOfLeadingZeros(window) - 8) << 4);
    int level = 2 << 6;
    out[0] = (byte) method;
    out[1] = (byte) (level | (31 - ((method << 8) | level) % 31));
    int at = deflate(source, from, to, out, 2);
    Adler32 sum = new Adler32();
    sum.update(source, from, to - from);
    for (int shift = 24; shift >= 0; shift -= 8) {
      out[at++] = (byte) (sum.getValue() >>> shift);
    }
    return Arrays.copyOf(out, at);
  }

  /**
   * Writes one part of a deflate stream; parts put one after the other, the last of them with
   * {@link Ending#LAST}, are the stream.
   *
   * @param history index from which on {@code source} holds what earlier parts ended with
   */
  int deflatePart(byte[] source, int history, int from, int to, Ending ending, byte[] out, int at) {
    Objects.checkFromToIndex(history, from, to);
    Objects.checkFromToIndex(from, to, source.length);
    Objects.checkFromIndexSize(at, bound(to - from), out.length);
    sink.open(out, at);
    parser.open(source, history, from, to);
    splitter.write(parser, source, from, to, ending);
    parser.close();
    if (ending == Ending.LAST) {
      sink.alignToByte();
    } else {
      writer.store(source, to, 0, ending);
    }
    return sink.position();
  }
}
