package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;

/**
 * The bytes around the bodies of a segment: a header, and after the bodies a footer of sorted
 * {@link Entry entries} and a trailer. Numbers are big-endian. See {@code
 * docs/design/02-store-format.md}, section "Segments".
 */
final class SegmentFormat {
  /** Bytes of the header: magic and version. */
  static final int HEADER = 8;

  /** Bytes of the trailer. */
  static final int TRAILER = 64;

  /** Bytes of the trailer that mean nothing; readers pass over them. */
  static final int NONCE = 7;

  /** No segment has more entries, so that a footer is never larger than 64 MiB. */
  static final int MAX_ENTRIES = 1 << 20;

  /** A segment that has grown to this size gets no further blob. */
  static final long FULL = 128L << 20;

  private static final byte[] START = magic("imgseg", 1);
  private static final byte[] END = magic("segend", 1);
  private static final int HASH_AT = 24;

  private SegmentFormat() {}

  private static byte[] magic(String word, int version) {
    byte[] bytes = (word + "\0\0").getBytes(StandardCharsets.US_ASCII);
    bytes[HEADER - 1] = (byte) version;
    return bytes;
  }

  static byte[] header() {
    return START.clone();
  }

  static boolean isHeader(byte[] bytes) {
    return MessageDigest.isEqual(START, bytes);
  }

  /** Footer and trailer together, and the hash that names the file. */
  record Footer(ByteBuffer bytes, String hash) {}

  /**
   * The footer of these entries, whose bodies end at {@code offset}.
   *
   * @param nonce {@link #NONCE} bytes, so that a segment never gets the name of an earlier one that
   *     held the same
   */
  static Footer footer(Collection<Entry> entries, Purpose purpose, long offset, byte[] nonce) {
    ByteBuffer unsorted = ByteBuffer.allocate(entries.size() * Entry.BYTES);
    entries.forEach(each -> each.write(unsorted));
    ByteBuffer bytes = ByteBuffer.allocate(entries.size() * Entry.BYTES + TRAILER);
    for (int number : Entry.sorted(unsorted)) {
      bytes.put(unsorted.slice(number * Entry.BYTES, Entry.BYTES));
    }
    bytes.putLong(offset).putLong(entries.size());
    bytes.put((byte) purpose.number()).put(nonce, 0, NONCE);
    byte[] hash = hash(bytes.slice(0, bytes.position()));
    bytes.put(hash).put(END);
    return new Footer(bytes.flip(), HexFormat.of().formatHex(hash));
  }

  /** The hash of a footer: its entries, and the trailer up to the hash itself. */
  static byte[] hash(ByteBuffer entriesAndTrailerStart) {
    MessageDigest hash = Digest.sha256();
    hash.update(entriesAndTrailerStart);
    return hash.digest();
  }

  /** The last bytes of a segment. */
  record Trailer(long footerOffset, int count, int purpose, String hash) {}

  /**
   * Reads a trailer.
   *
   * @param size bytes of the file
   * @throws IllegalArgumentException if this is no trailer of such a file
   */
  static Trailer trailer(ByteBuffer bytes, long size) {
    byte[] end = new byte[END.length];
    bytes.get(TRAILER - END.length, end);
    if (!MessageDigest.isEqual(END, end)) {
      throw new IllegalArgumentException("it does not end like a segment");
    }
    long offset = bytes.getLong(0);
    long count = bytes.getLong(8);
    if (count < 0
        || count > MAX_ENTRIES
        || offset < HEADER
        || offset != size - TRAILER - count * Entry.BYTES) {
      throw new IllegalArgumentException(
          "its trailer says " + count + " entries at byte " + offset + " of " + size);
    }
    byte[] hash = new byte[Digest.BYTES];
    bytes.get(HASH_AT, hash);
    return new Trailer(offset, (int) count, bytes.get(16), HexFormat.of().formatHex(hash));
  }

  /** The part of {@link #TRAILER} bytes that the footer's hash covers. */
  static ByteBuffer hashedPart(ByteBuffer footerAndTrailer) {
    return footerAndTrailer.slice(0, footerAndTrailer.limit() - TRAILER + HASH_AT);
  }
}
