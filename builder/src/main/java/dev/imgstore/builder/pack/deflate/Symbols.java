package dev.imgstore.builder.pack.deflate;

/**
 * The alphabets of RFC 1951, 3.2.5: which symbol stands for a length or a distance, and how many
 * extra bits follow it.
 *
 * <p>Lengths and distances grow by the same law: symbols come in groups, and each group doubles the
 * span of a symbol. So both are computed, not looked up; only length 258 stands outside the law.
 */
final class Symbols {
  /** How many literal and length symbols, 0 to 285, there are. */
  static final int LITERALS = 286;

  /** How many distance symbols, 0 to 29, there are. */
  static final int DISTANCES = 30;

  /** The symbol that ends a block. */
  static final int END = 256;

  static final int MIN_MATCH = 3;
  static final int MAX_MATCH = 258;

  private static final int FIRST_LENGTH = 257;
  private static final int LONGEST = 285;
  private static final byte[] LENGTH_SYMBOL = new byte[MAX_MATCH + 1];

  static {
    for (int length = MIN_MATCH; length <= MAX_MATCH; length++) {
      LENGTH_SYMBOL[length] = (byte) (computeLength(length) - FIRST_LENGTH);
    }
  }

  private Symbols() {}

  /** The symbol of a length of 3 to 258. */
  static int ofLength(int length) {
    return FIRST_LENGTH + LENGTH_SYMBOL[length];
  }

  /** Extra bits behind a symbol of 257 to 285. */
  static int lengthExtra(int symbol) {
    int index = symbol - FIRST_LENGTH;
    return index < 8 || symbol == LONGEST ? 0 : (index >> 2) - 1;
  }

  /** The value of the extra bits for a length of 3 to 258. */
  static int lengthRest(int length) {
    return (length - MIN_MATCH) & ((1 << lengthExtra(ofLength(length))) - 1);
  }

  /** The symbol of a distance, given less one: 0 to 32767. */
  static int ofDistance(int distanceLessOne) {
    if (distanceLessOne < 2) {
      return distanceLessOne;
    }
    int top = 31 - Integer.numberOfLeadingZeros(distanceLessOne);
    return 2 * top + ((distanceLessOne >> (top - 1)) & 1);
  }

  /** Extra bits behind a symbol of 0 to 29. */
  static int distanceExtra(int symbol) {
    return symbol < 2 ? 0 : (symbol >> 1) - 1;
  }

  private static int computeLength(int length) {
    if (length == MAX_MATCH) {
      return LONGEST;
    }
    int value = length - MIN_MATCH;
    if (value < 4) {
      return FIRST_LENGTH + value;
    }
    int top = 31 - Integer.numberOfLeadingZeros(value);
    return FIRST_LENGTH + 4 * (top - 1) + ((value >> (top - 2)) & 3);
  }
}
