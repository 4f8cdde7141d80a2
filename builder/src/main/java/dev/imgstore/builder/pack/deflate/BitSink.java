package dev.imgstore.builder.pack.deflate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Bits on their way into a byte array, lowest first as RFC 1951, 3.1.1 packs them. The array needs
 * {@link #SLACK} bytes of room behind the last byte written. Not for use by several threads.
 */
final class BitSink {
  /** How far past its position a sink may write. */
  static final int SLACK = 8;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] out = new byte[0];
  private int at;
  private long held;
  private int bits;

  void open(byte[] target, int offset) {
    out = target;
    at = offset;
    held = 0;
    bits = 0;
  }

  /** Index of the byte into which the next bit goes. */
  int position() {
    return at;
  }

  /** How many bits, 0 to 7, of the byte at {@link #position} are taken. */
  int bitsTaken() {
    return bits;
  }

  /** Appends the lowest {@code count} bits of {@code value}, at most 48; the others are zero. */
  void put(long value, int count) {
    held |= value << bits;
    bits += count;
    drain();
  }

  /** Fills the byte begun with zero bits. */
  void alignToByte() {
    bits = (bits + 7) & ~7;
    drain();
  }

  /** Appends whole bytes; the sink must be aligned. */
  void putBytes(byte[] from, int offset, int length) {
    System.arraycopy(from, offset, out, at, length);
    at += length;
  }

  /**
   * Appends tokens. For each leader and each distance symbol, the tables hold what is written, with
   * the number of its bits from bit 24 up; how many bits of the distance follow is in {@code
   * extras}.
   */
  void putTokens(int[] tokens, int count, int[] leaders, int[] distances, byte[] extras) {
    byte[] target = out;
    int to = at;
    long held = this.held;
    int bits = this.bits;
    for (int i = 0; i < count; i++) {
      int token = tokens[i];
      int leader = leaders[Tokens.leader(token)];
      held |= (long) (leader & 0xffffff) << bits;
      bits += leader >>> 24;
      int symbol = Tokens.distanceSymbol(token);
      int distance = distances[symbol];
      held |= (long) (distance & 0xffffff) << bits;
      bits += distance >>> 24;
      int extra = extras[symbol];
      held |= (long) (token & ((1 << extra) - 1)) << bits;
      bits += extra;
      LONG.set(target, to, held);
      to += bits >>> 3;
      held >>>= bits & 0x38;
      bits &= 7;
    }
    this.held = held;
    this.bits = bits;
    at = to;
  }

  private void drain() {
    LONG.set(out, at, held);
    at += bits >>> 3;
    held >>>= bits & 0x38;
    bits &= 7;
  }
}
