package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The entries of a segment as its footer has them, 72 bytes each, in order of their bodies, and
 * which of them were found right. Safe for many threads.
 */
final class CheckedSegment {
  private final Segment segment;
  private final ByteBuffer entries;
  private final long end;

  /** Numbers of the entries that can be, in order of their bodies. */
  private final int[] order;

  private final BitSet verified = new BitSet();

  /**
   * Sorts.
   *
   * @param possible the numbers of the entries that can be
   */
  CheckedSegment(Segment segment, Segment.Footer footer, BitSet possible) {
    this.segment = segment;
    this.entries = footer.entries();
    this.end = footer.trailer().footerOffset();
    this.order =
        possible.stream()
            .boxed()
            .sorted(
                (one, other) -> {
                  int byOffset = Long.compare(offset(one), offset(other));
                  return byOffset != 0 ? byOffset : Long.compare(stored(one), stored(other));
                })
            .mapToInt(Integer::intValue)
            .toArray();
  }

  Segment segment() {
    return segment;
  }

  /** Number of entries that can be. */
  int count() {
    return order.length;
  }

  /** The number in the footer of the body at a place in order. */
  int number(int at) {
    return order[at];
  }

  Form form(int number) {
    return Form.of(entries.get(number * Entry.BYTES + 32));
  }

  int crc(int number) {
    return entries.getInt(number * Entry.BYTES + 36);
  }

  long offset(int number) {
    return entries.getLong(number * Entry.BYTES + 40);
  }

  long stored(int number) {
    return entries.getLong(number * Entry.BYTES + 48);
  }

  long plain(int number) {
    return entries.getLong(number * Entry.BYTES + 56);
  }

  boolean isOf(int number, byte[] digest) {
    byte[] raw = new byte[Digest.BYTES];
    entries.get(number * Entry.BYTES, raw);
    return Arrays.equals(raw, digest);
  }

  Located located(int number) {
    return new Located(segment, Entry.read(entries, number * Entry.BYTES, end));
  }

  /** The number of this very body; negative if it is none of these. */
  int find(Entry entry) {
    int low = 0;
    int high = order.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offset(order[middle]) < entry.offset()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (; low < order.length && offset(order[low]) == entry.offset(); low++) {
      if (isOf(order[low], entry.digest().raw())) {
        return order[low];
      }
    }
    return -1;
  }

  synchronized void verify(int number) {
    verified.set(number);
  }

  synchronized boolean isVerified(int number) {
    return verified.get(number);
  }
}
