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
  /** A longer file cannot be checked; none that was written here has a thousandth of it. */
  static final long MOST_BYTES = Long.MAX_VALUE / (2L * SegmentFormat.MAX_ENTRIES);

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
    this.order = sorted(possible);
  }

  /** By offset, and of two at one place first what has no bytes. */
  private int[] sorted(BitSet possible) {
    long[] keys = new long[possible.cardinality()];
    int filled = 0;
    for (int i = possible.nextSetBit(0); i >= 0; i = possible.nextSetBit(i + 1)) {
      int isLater = stored(i) == 0 ? 0 : 1;
      keys[filled++] = (offset(i) * 2 + isLater) * SegmentFormat.MAX_ENTRIES + i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) (key % SegmentFormat.MAX_ENTRIES)).toArray();
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

  /** The number of a frame of this blob that was not found wrong; negative if there is none. */
  int frame(byte[] digest) {
    ByteBuffer wanted = ByteBuffer.wrap(digest);
    int low = 0;
    int high = entries.limit() / Entry.BYTES;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(middle, wanted) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    boolean found =
        low < entries.limit() / Entry.BYTES
            && compare(low, wanted) == 0
            && Entry.isPossible(entries, low * Entry.BYTES, end)
            && form(low) == Form.FRAME
            && !segment.isDistrusted(offset(low));
    return found ? low : -1;
  }

  private int compare(int number, ByteBuffer digest) {
    for (int at = 0; at < Digest.BYTES; at += Long.BYTES) {
      int order =
          Long.compareUnsigned(entries.getLong(number * Entry.BYTES + at), digest.getLong(at));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  synchronized void verify(int number) {
    verified.set(number);
  }

  synchronized boolean isVerified(int number) {
    return verified.get(number);
  }
}
