package dev.imgstore.builder.pack.deflate;

import java.util.Arrays;

/**
 * The head of a block with codes of its own: the lengths of both codes as one run-length coded
 * list, itself in a third code (RFC 1951, 3.2.7). Not for use by several threads.
 */
final class CodeLengths {
  private static final int SYMBOLS = 19;
  private static final int LENGTH_BITS = 3;
  private static final int COPY_PREVIOUS = 16;
  private static final int ZEROS_SHORT = 17;
  private static final int ZEROS_LONG = 18;
  private static final int[] EXTRA_BITS = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7};

  /** The order in which the third code's lengths are sent, likeliest to be zero last. */
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private final PrefixCode code = new PrefixCode(SYMBOLS, (1 << LENGTH_BITS) - 1);
  private final byte[] list = new byte[Symbols.LITERALS + Symbols.DISTANCES];
  private final int[] counts = new int[SYMBOLS];

  /** The list as runs: a symbol, with its extra bits' value from bit 8 up. */
  private final int[] runs = new int[Symbols.LITERALS + Symbols.DISTANCES];

  private int runCount;
  private int literalCount;
  private int distanceCount;
  private int sent;

  /** Prepares the head for a block with codes of these lengths. */
  void rebuild(byte[] literals, byte[] distances) {
    literalCount = usedLength(literals, 257);
    distanceCount = usedLength(distances, 1);
    System.arraycopy(literals, 0, list, 0, literalCount);
    System.arraycopy(distances, 0, list, literalCount, distanceCount);
    Arrays.fill(counts, 0);
    runCount = 0;
    int total = literalCount + distanceCount;
    for (int at = 0; at < total; ) {
      int end = at + 1;
      while (end < total && list[end] == list[at]) {
        end++;
      }
      addRun(list[at], end - at);
      at = end;
    }
    code.rebuild(counts);
    sent = SYMBOLS;
    while (sent > 4 && code.lengths()[ORDER[sent - 1]] == 0) {
      sent--;
    }
  }

  /** Bits the prepared head takes, without the three that begin every block. */
  long cost() {
    long bits = 5 + 5 + 4 + (long) LENGTH_BITS * sent + code.cost(counts);
    for (int symbol = COPY_PREVIOUS; symbol < SYMBOLS; symbol++) {
      bits += (long) counts[symbol] * EXTRA_BITS[symbol];
    }
    return bits;
  }

  void write(BitSink sink) {
    sink.put(literalCount - 257, 5);
    sink.put(distanceCount - 1, 5);
    sink.put(sent - 4, 4);
    for (int i = 0; i < sent; i++) {
      sink.put(code.lengths()[ORDER[i]], LENGTH_BITS);
    }
    for (int i = 0; i < runCount; i++) {
      int symbol = runs[i] & 0xff;
      int entry = code.codes()[symbol];
      int bits = entry >>> 24;
      int whole = (entry & 0xffffff) | ((runs[i] >>> 8) << bits);
      sink.put(whole, bits + EXTRA_BITS[symbol]);
    }
  }

  private static int usedLength(byte[] lengths, int least) {
    int used = lengths.length;
    while (used > least && lengths[used - 1] == 0) {
      used--;
    }
    return used;
  }

  private void addRun(int length, int times) {
    int left = times;
    if (length == 0) {
      while (left >= 3) {
        int taken = Math.min(left, 138);
        add(taken > 10 ? ZEROS_LONG : ZEROS_SHORT, taken - (taken > 10 ? 11 : 3));
        left -= taken;
      }
    } else if (left > 3) {
      add(length, 0);
      left--;
      while (left >= 3) {
        int taken = Math.min(left, 6);
        add(COPY_PREVIOUS, taken - 3);
        left -= taken;
      }
    }
    for (; left > 0; left--) {
      add(length, 0);
    }
  }

  private void add(int symbol, int extra) {
    counts[symbol]++;
    runs[runCount++] = symbol | (extra << 8);
  }
}
