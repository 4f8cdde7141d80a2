package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SortedEntriesProperties {
  private record One(long prefix, int segment, int entry) {}

  @Property(tries = 200)
  void entriesAreSortedByUnsignedPrefixAndEqualOnesKeepTheirOrder(
      @ForAll @IntRange(max = 3000) int count,
      @ForAll @IntRange(min = 1, max = 64) int bits,
      @ForAll int seed) {
    Random random = new Random(seed);
    SortedEntries entries = new SortedEntries(count / 2);
    List<One> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      One one = new One(random.nextLong() << (64 - bits), i / 100, i % 100);
      expected.add(one);
      entries.add(one.prefix(), one.segment(), one.entry());
    }
    expected.sort(
        Comparator.comparing(One::prefix, Long::compareUnsigned)
            .thenComparingInt(One::segment)
            .thenComparingInt(One::entry));
    entries.sort();
    List<One> sorted = new ArrayList<>();
    for (int i = 0; i < entries.count(); i++) {
      sorted.add(new One(entries.prefix(i), entries.segment(i), entries.entry(i)));
    }
    assertEquals(expected, sorted);
  }
}
