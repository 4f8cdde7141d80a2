package dev.imgstore.builder.pack.deflate;

/**
 * Turns bytes into tokens: greedy matches, given up for a literal when the next byte begins a
 * better one. Not for use by several threads.
 */
final class Parser {
  /**
   * How many tokens one call may add beyond the number it was given: the last bytes of an input.
   */
  static final int LATE = MatchFinder.LOOKAHEAD;

  private static final int MAX_PASSED = 32;

  private final MatchFinder finder;
  private final int depth;
  private final int lazyDepth;
  private final int good;
  private final int patience;
  private byte[] input = new byte[0];
  private int end;
  private int count;
  private int misses;

  /** A parser whose matches reach back at most {@code reach} bytes. */
  Parser(int reach, Effort effort) {
    finder = new MatchFinder(reach, effort);
    depth = effort.depth();
    lazyDepth = effort.lazyDepth();
    good = effort.good();
    patience = effort.patience();
  }

  /** Begins with bytes from {@code from} to {@code to}, those from {@code history} being known. */
  void open(byte[] source, int history, int from, int to) {
    input = source;
    end = to;
    misses = 0;
    finder.open(source, to);
    finder.skip(history, from);
  }

  /** Lets go of the input. */
  void close() {
    input = new byte[0];
    finder.close();
  }

  /** How many tokens the array holds after the last call of {@link #parse}. */
  int count() {
    return count;
  }

  /**
   * Appends tokens for the bytes from {@code from} on, until there are {@code full} or all bytes
   * are done.
   *
   * @param tokens where to, from index {@code held} on
   * @return the position of the first byte not done
   */
  int parse(int from, int[] tokens, int held, int full) {
    byte[] bytes = input;
    int safe = end - MatchFinder.LOOKAHEAD;
    int used = held;
    int at = from;
    while (at <= safe && used < full) {
      int match = finder.find(at, Symbols.MIN_MATCH - 1, depth);
      if (match == 0) {
        int passed = Math.min(++misses / patience, MAX_PASSED);
        int stop = Math.min(at + Math.min(passed + 1, full - used), end);
        while (at < stop) {
          tokens[used++] = Tokens.literal(bytes[at++]);
        }
        continue;
      }
      misses = 0;
      int shown = at + 1;
      while (length(match) < good && at < safe && used < full) {
        int next = finder.find(at + 1, length(match) - 1, lazyDepth);
        shown = at + 2;
        if (!better(next, match)) {
          break;
        }
        tokens[used++] = Tokens.literal(bytes[at++]);
        match = next;
      }
      tokens[used++] = Tokens.match(length(match), distance(match));
      at += length(match);
      finder.skip(shown, at);
    }
    while (at > safe && at < end) {
      tokens[used++] = Tokens.literal(bytes[at++]);
    }
    count = used;
    return at;
  }

  private static int length(int match) {
    return match >>> 16;
  }

  private static int distance(int match) {
    return match & 0xffff;
  }

  /** Is a match a byte later, if there is one, worth the literal before it? */
  private static boolean better(int next, int match) {
    return next != 0 && worth(next) > worth(match) + 2;
  }

  /** In about quarters of a byte: four for each byte told, less the bits that tell the distance. */
  private static int worth(int match) {
    return 4 * length(match) - (32 - Integer.numberOfLeadingZeros(distance(match)));
  }
}
