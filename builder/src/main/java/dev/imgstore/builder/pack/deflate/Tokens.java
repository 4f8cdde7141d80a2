package dev.imgstore.builder.pack.deflate;

/**
 * A literal or a match in one int, laid out so that whoever counts or writes tokens need not ask
 * which it is: from bit 20 a number that tells literals (the byte) from lengths (256 more than the
 * length), from bit 15 the distance symbol, below it the distance less one. A literal has a
 * distance symbol of its own, {@link #NO_DISTANCE}, which takes no bits.
 */
final class Tokens {
  /** Exceeds every {@link #leader}. */
  static final int LEADERS = 256 + Symbols.MAX_MATCH + 1;

  /** The distance symbol of a literal. */
  static final int NO_DISTANCE = Symbols.DISTANCES;

  /** Exceeds every {@link #distanceSymbol}. */
  static final int DISTANCE_SYMBOLS = 32;

  private Tokens() {}

  static int literal(byte value) {
    return ((value & 0xff) << 20) | (NO_DISTANCE << 15);
  }

  static int match(int length, int distance) {
    int rest = distance - 1;
    return ((256 + length) << 20) | (Symbols.ofDistance(rest) << 15) | rest;
  }

  /** The byte of a literal, or 256 more than the length of a match. */
  static int leader(int token) {
    return token >>> 20;
  }

  static int distanceSymbol(int token) {
    return (token >>> 15) & 0x1f;
  }

  static int distanceLessOne(int token) {
    return token & 0x7fff;
  }
}
