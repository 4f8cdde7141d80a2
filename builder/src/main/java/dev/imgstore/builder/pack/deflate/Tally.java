package dev.imgstore.builder.pack.deflate;

import java.util.Arrays;

/** How often each symbol occurs in a run of tokens. Not for use by several threads. */
final class Tally {
  /** Bits behind the point in an estimate. */
  private static final int POINT = 10;

  private static final int TABLE_BITS = 10;
  private static final int[] LOG = logTable();

  final int[] literals = new int[Symbols.LITERALS];
  final int[] distances = new int[Symbols.DISTANCES];

  private final int[] leaders = new int[Tokens.LEADERS];
  private final int[] symbols = new int[Tokens.DISTANCE_SYMBOLS];

  void clear() {
    Arrays.fill(literals, 0);
    Arrays.fill(distances, 0);
  }

  /**
   * Counts the tokens from index {@code from} to {@code to} and forgets what was counted before.
   */
  void count(int[] tokens, int from, int to) {
    Arrays.fill(leaders, 0);
    Arrays.fill(symbols, 0);
    for (int i = from; i < to; i++) {
      leaders[Tokens.leader(tokens[i])]++;
      symbols[Tokens.distanceSymbol(tokens[i])]++;
    }
    clear();
    System.arraycopy(leaders, 0, literals, 0, Symbols.END);
    for (int length = Symbols.MIN_MATCH; length <= Symbols.MAX_MATCH; length++) {
      literals[Symbols.ofLength(length)] += leaders[256 + length];
    }
    System.arraycopy(symbols, 0, distances, 0, distances.length);
  }

  void add(Tally other) {
    for (int i = 0; i < literals.length; i++) {
      literals[i] += other.literals[i];
    }
    for (int i = 0; i < distances.length; i++) {
      distances[i] += other.distances[i];
    }
  }

  /** Bits that follow the symbols and depend on no code. */
  long extraBits() {
    long bits = 0;
    for (int symbol = Symbols.END + 1; symbol < literals.length; symbol++) {
      bits += (long) literals[symbol] * Symbols.lengthExtra(symbol);
    }
    for (int symbol = 0; symbol < distances.length; symbol++) {
      bits += (long) distances[symbol] * Symbols.distanceExtra(symbol);
    }
    return bits;
  }

  /**
   * About how many bits the symbols of this tally and {@code other} take together in codes of their
   * own, without extra bits and the codes' description: their entropy.
   */
  static long estimate(Tally one, Tally other) {
    return (entropy(one.literals, other.literals) + entropy(one.distances, other.distances))
        >> POINT;
  }

  private static long entropy(int[] one, int[] other) {
    int total = 0;
    long bits = 0;
    for (int i = 0; i < one.length; i++) {
      int count = one[i] + other[i];
      if (count > 0) {
        total += count;
        bits -= (long) count * log2(count);
      }
    }
    return total == 0 ? 0 : bits + (long) total * log2(total);
  }

  /** The binary logarithm of a number from 1 up, rounded down, with {@link #POINT} bits. */
  private static int log2(int value) {
    int top = 31 - Integer.numberOfLeadingZeros(value);
    int fraction = top > TABLE_BITS ? value >> (top - TABLE_BITS) : value << (TABLE_BITS - top);
    return (top << POINT) + LOG[fraction - (1 << TABLE_BITS)];
  }

  /** log2(1 + i / table size), by squaring; integers, so that every machine agrees. */
  private static int[] logTable() {
    int[] table = new int[1 << TABLE_BITS];
    for (int i = 0; i < table.length; i++) {
      long mantissa = (long) (table.length + i) << (30 - TABLE_BITS);
      int log = 0;
      for (int bit = 0; bit < POINT; bit++) {
        mantissa = (mantissa * mantissa) >> 30;
        log <<= 1;
        if (mantissa >= 1L << 31) {
          mantissa >>= 1;
          log |= 1;
        }
      }
      table[i] = log;
    }
    return table;
  }
}
