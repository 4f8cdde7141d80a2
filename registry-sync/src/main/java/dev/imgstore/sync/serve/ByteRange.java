package dev.imgstore.sync.serve;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes of a blob that a client wants (RFC 9110, section 14).
 *
 * @param from the first
 * @param length at least one, unless the blob is empty
 */
record ByteRange(long from, long length) {
  private static final Pattern ONE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  /**
   * Reads the header; empty if it asks for something that is answered by the whole: several ranges,
   * other units, or nothing that can be understood.
   *
   * @throws Refusal if the blob has no such bytes, or if the last is before the first
   */
  static Optional<ByteRange> of(String header, long size) throws Refusal {
    Matcher one = ONE.matcher(header.strip());
    if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (one.group(1).isEmpty()) {
      long last = Math.min(Long.parseLong(one.group(2)), size);
      return Optional.of(within(size - last, last, size));
    }
    long from = Long.parseLong(one.group(1));
    long to = one.group(2).isEmpty() ? size - 1 : Long.parseLong(one.group(2));
    return Optional.of(within(from, Math.min(to, size - 1) - from + 1, size));
  }

  private static ByteRange within(long from, long length, long size) throws Refusal {
    if (length < 1 || from >= size) {
      throw new Refusal(Refusal.Code.SIZE_INVALID, 416, "the blob has " + size + " bytes")
          .with("Content-Range", "bytes */" + size);
    }
    return new ByteRange(from, length);
  }
}
