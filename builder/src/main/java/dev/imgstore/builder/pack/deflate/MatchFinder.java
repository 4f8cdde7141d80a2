package dev.imgstore.builder.pack.deflate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds earlier copies of what stands at a position: chains of the positions whose next four bytes
 * hash alike, newest first; for copies of three bytes only the newest position that was searched.
 * Positions must be shown in rising order, none twice; one that is left out is never found. Not for
 * use by several threads.
 */
final class MatchFinder {
  /** How many bytes must be left at a position that is shown. */
  static final int LOOKAHEAD = 4;

  private static final int THREE_HASH_BITS = 14;

  private static final int MASK = 0x7fff;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int reach;
  private final int nice;
  private final int near;
  private final int shift;
  private final int[] newest;
  private final int[] newestOfThree = new int[1 << THREE_HASH_BITS];
  private final int[] older = new int[MASK + 1];
  private byte[] input = new byte[0];
  private int end;

  /** A finder of copies at most {@code reach} bytes back. */
  MatchFinder(int reach, Effort effort) {
    this.reach = reach;
    this.nice = effort.nice();
    this.near = effort.near();
    this.shift = Integer.SIZE - effort.hashBits();
    this.newest = new int[1 << effort.hashBits()];
  }

  /** Forgets everything; positions of {@code bytes} up to {@code end} follow. */
  void open(byte[] bytes, int end) {
    input = bytes;
    this.end = end;
    Arrays.fill(newest, -1);
    Arrays.fill(newestOfThree, -1);
  }

  /** Lets go of the input. */
  void close() {
    input = new byte[0];
  }

  /** Shows the positions from {@code from} to {@code to} without looking for copies. */
  void skip(int from, int to) {
    byte[] bytes = input;
    int[] newest = this.newest;
    int[] older = this.older;
    int shift = this.shift;
    int stop = Math.min(to, end - LOOKAHEAD + 1);
    for (int at = from; at < stop; at++) {
      int hash = hash((int) INT.get(bytes, at), shift);
      older[at & MASK] = newest[hash];
      newest[hash] = at;
    }
  }

  /**
   * Shows a position and looks at up to {@code depth} earlier ones for the longest copy of more
   * than {@code toBeat} bytes.
   *
   * @return its length, shifted left by 16, with its distance; 0 if there is none
   */
  int find(int at, int toBeat, int depth) {
    byte[] bytes = input;
    int next = (int) INT.get(bytes, at);
    int hash = hash(next, shift);
    int candidate = newest[hash];
    older[at & MASK] = candidate;
    newest[hash] = at;
    int three = -1;
    if (near > 0) {
      int hashOfThree = hashOfThree(next);
      three = newestOfThree[hashOfThree];
      newestOfThree[hashOfThree] = at;
    }
    int most = Math.min(Symbols.MAX_MATCH, end - at);
    if (toBeat >= most) {
      return 0;
    }
    int lowest = Math.max(0, at - reach);
    int best = Math.max(toBeat, Symbols.MIN_MATCH);
    int found = 0;
    if (toBeat < Symbols.MIN_MATCH
        && three >= Math.max(lowest, at - near)
        && (((int) INT.get(bytes, three) ^ next) & 0xffffff) == 0) {
      found = (Symbols.MIN_MATCH << 16) | (at - three);
    }
    int tail = (int) INT.get(bytes, at + best - 3);
    for (int left = depth; candidate >= lowest && left > 0; left--) {
      if ((int) INT.get(bytes, candidate + best - 3) == tail
          && (int) INT.get(bytes, candidate) == next) {
        int length = same(bytes, candidate, at, most);
        if (length > best) {
          best = length;
          found = (length << 16) | (at - candidate);
          if (length >= nice || length == most) {
            break;
          }
          tail = (int) INT.get(bytes, at + best - 3);
        }
      }
      candidate = older[candidate & MASK];
    }
    return found;
  }

  /** How many bytes, 4 to {@code most}, are the same at both; the first four are known to be. */
  private static int same(byte[] bytes, int one, int other, int most) {
    int length = 4;
    while (length + 8 <= most) {
      long difference =
          (long) LONG.get(bytes, one + length) ^ (long) LONG.get(bytes, other + length);
      if (difference != 0) {
        return length + (Long.numberOfTrailingZeros(difference) >> 3);
      }
      length += 8;
    }
    while (length < most && bytes[one + length] == bytes[other + length]) {
      length++;
    }
    return length;
  }

  private static int hash(int next, int shift) {
    return (next * 0x9E3779B1) >>> shift;
  }

  private static int hashOfThree(int next) {
    return ((next << 8) * 0x9E3779B1) >>> (32 - THREE_HASH_BITS);
  }
}
