package dev.imgstore.builder.pack.deflate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PrefixCodeProperties {
  @Property
  void codesAreCompleteWithinTheLimitAndKeepNobodyOut(
      @ForAll @Size(19) List<@IntRange(max = 5000) Integer> counts) {
    requireSound(counts.stream().mapToInt(Integer::intValue).toArray(), 7);
  }

  @Property
  void steepCountsAreFlattened(@ForAll @IntRange(min = 2, max = 40) int symbols) {
    int[] counts = new int[symbols];
    long before = 1;
    long count = 1;
    for (int i = 0; i < symbols; i++) {
      counts[i] = (int) Math.min(count, 10_000_000);
      long sum = before + count;
      before = count;
      count = sum;
    }
    requireSound(counts, 15);
    requireSound(counts, 7);
  }

  @Property
  void rarerSymbolsNeverHaveShorterCodes(
      @ForAll @Size(30) List<@IntRange(max = 300) Integer> counts) {
    PrefixCode code = new PrefixCode(30, 15);
    code.rebuild(counts.stream().mapToInt(Integer::intValue).toArray());
    for (int one = 0; one < 30; one++) {
      for (int other = 0; other < 30; other++) {
        if (counts.get(one) > counts.get(other) && counts.get(other) > 0) {
          assertTrue(code.lengths()[one] <= code.lengths()[other]);
        }
      }
    }
  }

  private static void requireSound(int[] counts, int limit) {
    PrefixCode code = new PrefixCode(counts.length, limit);
    code.rebuild(counts);
    int space = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      int length = code.lengths()[symbol];
      assertTrue(length <= limit);
      assertTrue(length > 0 || counts[symbol] == 0);
      space += length == 0 ? 0 : 1 << (limit - length);
    }
    assertEquals(1 << limit, space);
  }
}
