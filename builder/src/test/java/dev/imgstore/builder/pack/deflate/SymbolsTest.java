package dev.imgstore.builder.pack.deflate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The computed alphabets against the tables of RFC 1951, 3.2.5. */
class SymbolsTest {
  private static final int[] FIRST_LENGTHS = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258
  };
  private static final int[] LENGTH_EXTRA = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
  };
  private static final int[] FIRST_DISTANCES = {
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577
  };

  @Test
  void everyLengthHasTheSymbolAndExtraBitsOfTheTable() {
    for (int length = 3; length <= 258; length++) {
      int index = lastNotAbove(FIRST_LENGTHS, length);
      int symbol = Symbols.ofLength(length);
      assertEquals(257 + index, symbol);
      assertEquals(LENGTH_EXTRA[index], Symbols.lengthExtra(symbol));
      assertEquals(length - FIRST_LENGTHS[index], Symbols.lengthRest(length));
    }
  }

  @Test
  void everyDistanceHasTheSymbolAndExtraBitsOfTheTable() {
    for (int distance = 1; distance <= 32768; distance++) {
      int symbol = lastNotAbove(FIRST_DISTANCES, distance);
      assertEquals(symbol, Symbols.ofDistance(distance - 1));
      int extra = Symbols.distanceExtra(symbol);
      assertEquals(symbol < 4 ? 0 : symbol / 2 - 1, extra);
      assertEquals(distance - FIRST_DISTANCES[symbol], (distance - 1) & ((1 << extra) - 1));
    }
  }

  private static int lastNotAbove(int[] sorted, int value) {
    int index = sorted.length - 1;
    while (sorted[index] > value) {
      index--;
    }
    return index;
  }
}
