package dev.imgstore.store.disk;

import java.util.Arrays;

/**
 * Entries of an index in memory: a prefix, compared as unsigned, and where it is found. For one
 * thread.
 */
final class SortedEntries {
  private static final int FEW = 24;

  private long[] prefixes;
  private long[] places;
  private int count;

  /** Room for so many; more is made when needed. */
  SortedEntries(int expected) {
    this.prefixes = new long[Math.max(16, expected)];
    this.places = new long[prefixes.length];
  }

  void add(long prefix, int segment, int entry) {
    if (count == prefixes.length) {
      int more = Math.addExact(count, count / 2 + 1);
      prefixes = Arrays.copyOf(prefixes, more);
      places = Arrays.copyOf(places, more);
    }
    prefixes[count] = prefix;
    places[count] = (long) segment << 32 | entry;
    count++;
  }

  int count() {
    return count;
  }

  long prefix(int at) {
    return prefixes[at];
  }

  int segment(int at) {
    return (int) (places[at] >>> 32);
  }

  int entry(int at) {
    return (int) places[at];
  }

  /** Sorts all: digests are spread evenly, so their first bytes nearly do it. */
  void sort() {
    sort(0, count, Long.SIZE - Byte.SIZE, new long[count], new long[count]);
  }

  private void sort(int from, int to, int shift, long[] sparePrefixes, long[] sparePlaces) {
    if (to - from <= FEW || shift < 0) {
      insert(from, to);
      return;
    }
    int[] ends = new int[257];
    for (int i = from; i < to; i++) {
      ends[digit(prefixes[i], shift) + 1]++;
    }
    for (int i = 1; i < ends.length; i++) {
      ends[i] += ends[i - 1];
    }
    int[] next = ends.clone();
    for (int i = from; i < to; i++) {
      int place = from + next[digit(prefixes[i], shift)]++;
      sparePrefixes[place] = prefixes[i];
      sparePlaces[place] = places[i];
    }
    System.arraycopy(sparePrefixes, from, prefixes, from, to - from);
    System.arraycopy(sparePlaces, from, places, from, to - from);
    for (int i = 0; i < 256; i++) {
      sort(from + ends[i], from + ends[i + 1], shift - Byte.SIZE, sparePrefixes, sparePlaces);
    }
  }

  private static int digit(long prefix, int shift) {
    return (int) (prefix >>> shift) & 0xff;
  }

  /** Equal prefixes stay in the order in which they were added. */
  private void insert(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      long prefix = prefixes[i];
      long place = places[i];
      int at = i;
      while (at > from && Long.compareUnsigned(prefixes[at - 1], prefix) > 0) {
        prefixes[at] = prefixes[at - 1];
        places[at] = places[at - 1];
        at--;
      }
      prefixes[at] = prefix;
      places[at] = place;
    }
  }
}
