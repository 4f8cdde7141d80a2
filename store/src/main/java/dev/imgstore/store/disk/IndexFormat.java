package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The bytes of the merged index: pages of sorted entries, names of the covered segments, first
 * prefix of each page, and the header, which is last, since it counts what came before. Numbers are
 * big-endian. See {@code docs/design/02-store-format.md}, section "The merged index".
 */
final class IndexFormat {
  static final int HEADER = 64;

  /** Purpose and raw hash: in the order of these bytes segments are in the order of their names. */
  static final int SEGMENT = 1 + Digest.BYTES;

  /** Eight bytes of a digest, number of the segment, number of the entry in its footer. */
  static final int ENTRY = 16;

  static final int PAGE = 4096;
  static final int PAGE_ENTRIES = PAGE / ENTRY - 1;

  private static final int PAGE_TAIL = PAGE_ENTRIES * ENTRY;
  private static final long MAGIC =
      ByteBuffer.wrap("imgidx\0\1".getBytes(StandardCharsets.US_ASCII)).getLong();
  private static final int MOST_SEGMENTS = 1 << 22;
  private static final long MOST_ENTRIES = 1L << 32;

  private IndexFormat() {}

  /**
   * What the header says.
   *
   * @param mark of all pages of this index
   * @param checksum CRC-32C of the tables
   */
  record Header(int segments, long entries, int mark, int checksum) {
    int pages() {
      return IndexFormat.pages(entries);
    }

    long tablesAt() {
      return (long) pages() * PAGE;
    }

    /** Bytes of names and first prefixes. */
    int tables() {
      return segments * SEGMENT + pages() * Long.BYTES;
    }

    ByteBuffer bytes() {
      ByteBuffer bytes = ByteBuffer.allocate(HEADER);
      bytes.putLong(MAGIC).putInt(segments).putLong(entries).putInt(mark).putInt(checksum);
      bytes.position(HEADER - Integer.BYTES);
      bytes.putInt(BlobIndex.checksum(bytes.slice(0, HEADER - Integer.BYTES)));
      return bytes.flip();
    }
  }

  static int pages(long entries) {
    return Math.toIntExact((entries + PAGE_ENTRIES - 1) / PAGE_ENTRIES);
  }

  /**
   * Reads a header.
   *
   * @param size bytes of the file
   * @throws IllegalArgumentException if it is none of such a file
   */
  static Header header(ByteBuffer bytes, long size) {
    Header header =
        new Header(bytes.getInt(8), bytes.getLong(12), bytes.getInt(20), bytes.getInt(24));
    boolean bounded =
        header.segments >= 0
            && header.segments <= MOST_SEGMENTS
            && header.entries >= 0
            && header.entries <= Math.min(MOST_ENTRIES, size / ENTRY);
    if (!bounded
        || bytes.getLong(0) != MAGIC
        || !bytes.equals(header.bytes())
        || size != header.tablesAt() + header.tables() + HEADER) {
      throw new IllegalArgumentException("it does not end like an index of its size");
    }
    return header;
  }

  /** The name of a segment as in the table. */
  static byte[] segment(RelPath file) {
    String name = file.name();
    ByteBuffer bytes = ByteBuffer.allocate(SEGMENT);
    Purpose purpose =
        Purpose.of(file).orElseThrow(() -> new IllegalArgumentException(file.value()));
    bytes.put((byte) purpose.number());
    bytes.put(HexFormat.of().parseHex(name, name.length() - 2 * Digest.BYTES, name.length()));
    return bytes.array();
  }

  /** Ends a page: its number, the mark of its index, and a checksum. */
  static void endPage(ByteBuffer page, int number, int mark) {
    page.position(PAGE_TAIL);
    page.putInt(number).putInt(mark).putInt(0);
    page.putInt(BlobIndex.checksum(page.slice(0, PAGE - Integer.BYTES)));
    page.flip();
  }

  /** True if this is that page, undamaged. */
  static boolean isPage(ByteBuffer page, int number, int mark) {
    return page.getInt(PAGE_TAIL) == number
        && page.getInt(PAGE_TAIL + 4) == mark
        && page.getInt(PAGE - Integer.BYTES)
            == BlobIndex.checksum(page.slice(0, PAGE - Integer.BYTES));
  }
}
