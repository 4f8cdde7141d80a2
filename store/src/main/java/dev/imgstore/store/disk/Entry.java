package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One blob in one segment: 64 bytes of the footer, numbers big-endian. The format is in {@code
 * docs/design/02-store-format.md}, section "Segments".
 *
 * @param variant encoder or cutter, see {@link Form}
 * @param crc CRC-32C of the stored bytes
 * @param offset of the stored bytes in the file
 * @param stored number of stored bytes
 * @param plain number of bytes of the blob
 */
record Entry(Digest digest, Form form, int variant, int crc, long offset, long stored, long plain) {
  static final int BYTES = 64;

  /** One part of a list: a digest and four bytes of size. */
  static final int PART_BYTES = Digest.BYTES + 4;

  /** The same, its stored bytes elsewhere. */
  Entry at(long other) {
    return new Entry(digest, form, variant, crc, other, stored, plain);
  }

  void write(ByteBuffer target) {
    target.put(digest.raw()).put((byte) form.number()).put((byte) 0).putShort((short) variant);
    target.putInt(crc).putLong(offset).putLong(stored).putLong(plain);
  }

  /**
   * Reads the entry at {@code position}.
   *
   * @param end where the bodies end
   * @throws IllegalArgumentException if it cannot be: out of the file, or larger than any frame is
   */
  static Entry read(ByteBuffer footer, int position, long end) {
    byte[] raw = new byte[Digest.BYTES];
    footer.get(position, raw);
    Entry entry =
        new Entry(
            Digest.fromRaw(raw),
            Form.of(footer.get(position + 32)),
            footer.getShort(position + 34) & 0xffff,
            footer.getInt(position + 36),
            footer.getLong(position + 40),
            footer.getLong(position + 48),
            footer.getLong(position + 56));
    if (!isPossible(footer, position, end)) {
      throw new IllegalArgumentException("impossible entry " + entry);
    }
    return entry;
  }

  /** True if there can be the entry at {@code position}, see {@link #read}. */
  static boolean isPossible(ByteBuffer footer, int position, long end) {
    int form = footer.get(position + 32);
    long offset = footer.getLong(position + 40);
    long stored = footer.getLong(position + 48);
    return Form.isNumber(form)
        && footer.get(position + 33) == 0
        && offset >= SegmentFormat.HEADER
        && stored >= 0
        && offset <= end - stored
        && fits(
            Form.of(form), footer.getShort(position + 34), stored, footer.getLong(position + 56));
  }

  private static boolean fits(Form form, int variant, long stored, long plain) {
    return switch (form) {
      case FRAME ->
          plain >= 0 && plain <= Frames.MAX_PLAIN && stored <= plain + Frames.MAX_OVERHEAD;
      case CHUNKED, STITCHED -> plain >= 0 && stored % PART_BYTES == 0;
      case VERBATIM -> plain == stored && variant == 0;
    };
  }

  /** Order of a footer: by digest, then form, then variant. */
  static int order(ByteBuffer footer, int one, int other) {
    for (int at = 0; at < Digest.BYTES; at += Long.BYTES) {
      int order = Long.compareUnsigned(footer.getLong(one + at), footer.getLong(other + at));
      if (order != 0) {
        return order;
      }
    }
    int byForm = Integer.compare(footer.get(one + 32), footer.get(other + 32));
    return byForm != 0
        ? byForm
        : Integer.compare(footer.getShort(one + 34) & 0xffff, footer.getShort(other + 34) & 0xffff);
  }

  /** The numbers of these entries in the order of a footer. */
  static int[] sorted(ByteBuffer entries) {
    long[] keys = new long[entries.capacity() / BYTES];
    for (int i = 0; i < keys.length; i++) {
      long prefix = entries.getLong(i * BYTES) ^ Long.MIN_VALUE;
      keys[i] = (prefix & -SegmentFormat.MAX_ENTRIES) | i;
    }
    Arrays.sort(keys);
    int[] sorted = new int[keys.length];
    for (int i = 0; i < keys.length; i++) {
      int number = (int) (keys[i] & (SegmentFormat.MAX_ENTRIES - 1));
      int at = i;
      for (; at > 0 && order(entries, sorted[at - 1] * BYTES, number * BYTES) > 0; at--) {
        sorted[at] = sorted[at - 1]; // several forms of one blob
      }
      sorted[at] = number;
    }
    return sorted;
  }
}
