package dev.imgstore.builder.pack.deflate;

import java.util.Arrays;

/**
 * Writes one run of tokens as one block, in whichever of the three forms of RFC 1951, 3.2.3 takes
 * fewest bits: stored, fixed codes, or codes of its own. Costs are exact, so a run never takes more
 * than its stored form. Not for use by several threads.
 */
final class BlockWriter {
  private static final int STORED = 0;
  private static final int FIXED = 1;
  private static final int DYNAMIC = 2;
  private static final int MAX_STORED = 0xffff;

  /** Lengths of fixed codes (RFC 1951, 3.2.6). */
  private static final PrefixCode FIXED_LITERALS = fixedLiterals();

  private static final PrefixCode FIXED_DISTANCES = fixedDistances();

  /** Extra bits behind each distance symbol; none behind that of a literal. */
  private static final byte[] EXTRAS = new byte[Tokens.DISTANCE_SYMBOLS];

  static {
    for (int symbol = 0; symbol < Symbols.DISTANCES; symbol++) {
      EXTRAS[symbol] = (byte) Symbols.distanceExtra(symbol);
    }
  }

  private final BitSink sink;
  private final PrefixCode literals = new PrefixCode(Symbols.LITERALS, 15);
  private final PrefixCode distances = new PrefixCode(Symbols.DISTANCES, 15);
  private final CodeLengths codeLengths = new CodeLengths();
  private final int[] leaderBits = new int[Tokens.LEADERS];
  private final int[] distanceBits = new int[Tokens.DISTANCE_SYMBOLS];

  BlockWriter(BitSink sink) {
    this.sink = sink;
  }

  /**
   * Writes a block. The tokens stand for the {@code length} bytes of {@code input} at {@code
   * offset}; {@code tally} has counted them. {@code ending} says whether a block follows.
   */
  void write(
      int[] tokens, int count, Tally tally, byte[] input, int offset, int length, Ending ending) {
    tally.literals[Symbols.END] = 1;
    literals.rebuild(tally.literals);
    distances.rebuild(tally.distances);
    codeLengths.rebuild(literals.lengths(), distances.lengths());
    long extra = tally.extraBits();
    long dynamic = 3 + codeLengths.cost() + extra + cost(tally, literals, distances);
    long fixed = 3 + extra + cost(tally, FIXED_LITERALS, FIXED_DISTANCES);
    if (storedCost(length) <= Math.min(dynamic, fixed)) {
      store(input, offset, length, ending);
    } else if (fixed <= dynamic) {
      sink.put(ending.bit() | (FIXED << 1), 3);
      putTokens(tokens, count, FIXED_LITERALS, FIXED_DISTANCES);
    } else {
      sink.put(ending.bit() | (DYNAMIC << 1), 3);
      codeLengths.write(sink);
      putTokens(tokens, count, literals, distances);
    }
  }

  /** Writes bytes as stored blocks; with no bytes, the empty block that ends on a whole byte. */
  void store(byte[] input, int offset, int length, Ending ending) {
    int at = offset;
    int left = length;
    do {
      int piece = Math.min(left, MAX_STORED);
      left -= piece;
      sink.put((left == 0 ? ending.bit() : 0) | (STORED << 1), 3);
      sink.alignToByte();
      sink.put(piece | ((long) (~piece & MAX_STORED) << 16), 32);
      sink.putBytes(input, at, piece);
      at += piece;
    } while (left > 0);
  }

  private static long cost(Tally tally, PrefixCode literals, PrefixCode distances) {
    return literals.cost(tally.literals) + distances.cost(tally.distances);
  }

  /** Bits of the stored form, with the padding of each piece to a whole byte. */
  private long storedCost(int length) {
    int pieces = Math.max(1, (length + MAX_STORED - 1) / MAX_STORED);
    int padding = -(sink.bitsTaken() + 3) & 7;
    return 3L + padding + 32 + (pieces - 1) * 40L + 8L * length;
  }

  private void putTokens(int[] tokens, int count, PrefixCode literals, PrefixCode distances) {
    System.arraycopy(literals.codes(), 0, leaderBits, 0, Symbols.END);
    for (int length = Symbols.MIN_MATCH; length <= Symbols.MAX_MATCH; length++) {
      int symbol = Symbols.ofLength(length);
      int entry = literals.codes()[symbol];
      int bits = entry >>> 24;
      leaderBits[256 + length] =
          (entry | (Symbols.lengthRest(length) << bits)) + (Symbols.lengthExtra(symbol) << 24);
    }
    System.arraycopy(distances.codes(), 0, distanceBits, 0, Symbols.DISTANCES);
    sink.putTokens(tokens, count, leaderBits, distanceBits, EXTRAS);
    int end = literals.codes()[Symbols.END];
    sink.put(end & 0xffffff, end >>> 24);
  }

  private static PrefixCode fixedLiterals() {
    byte[] lengths = new byte[288];
    Arrays.fill(lengths, 0, 144, (byte) 8);
    Arrays.fill(lengths, 144, 256, (byte) 9);
    Arrays.fill(lengths, 256, 280, (byte) 7);
    Arrays.fill(lengths, 280, 288, (byte) 8);
    return PrefixCode.ofLengths(lengths);
  }

  private static PrefixCode fixedDistances() {
    byte[] lengths = new byte[32];
    Arrays.fill(lengths, (byte) 5);
    return PrefixCode.ofLengths(lengths);
  }
}
