package dev.imgstore.store.disk;

import com.github.luben.zstd.Zstd;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What of a damaged segment can still be used. Nothing is believed but hashes: a body is good if
 * its bytes hash to the digest of its entry, and if they do not, but its checksum is right, then
 * they are the blob they hash to. What a footer says of a place is a proposal; where an entry leads
 * nowhere, its body is looked for in the gap that the good ones leave. A single wrong byte is put
 * right where checksum and hash agree on what it was.
 *
 * <p>Lists are good here if their checksum is right; whether they are the whole they say is seen
 * when their parts are there.
 */
final class SegmentSurvey {
  /** A longer body is only looked at piece by piece, and must be verbatim. */
  private static final int WHOLE = 32 << 20;

  private static final int SLICE = 1 << 20;

  private static final Digest NOTHING = Digest.of(new byte[0]);

  private final Segment segment;
  private final List<Located> good = new ArrayList<>();
  private final List<Located> corrected = new ArrayList<>();
  private final List<Entry> doubtful = new ArrayList<>();
  private boolean broken;

  private SegmentSurvey(Segment segment) {
    this.segment = segment;
  }

  /**
   * What was found.
   *
   * @param good bodies that are right where they lie, entries put right if need be
   * @param corrected bodies with one byte put right
   * @param bad entries of which no body was found
   * @param isBroken whether header, footer or order are wrong
   * @param isUnknown whether there may have been bodies of which nothing is known
   */
  record Result(
      Segment segment,
      List<Located> good,
      List<Located> corrected,
      List<Entry> bad,
      boolean isBroken,
      boolean isUnknown) {}

  static Result of(Segment segment) throws IOException {
    return new SegmentSurvey(segment).run();
  }

  private Result run() throws IOException {
    boolean unknown = false;
    try {
      new SegmentCheck(segment, finding -> broken = true).run();
      long size = segment.size();
      long end = footerOffset(size);
      unknown = end < 0;
      if (end >= 0) {
        survey(end, (int) ((size - SegmentFormat.TRAILER - end) / Entry.BYTES));
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) { // a disk that cannot read: what came before is kept
      broken = true;
      unknown = true;
    }
    return new Result(
        segment, List.copyOf(good), List.copyOf(corrected), List.copyOf(doubtful), broken, unknown);
  }

  /** Where the entries begin, as offset or number in the trailer say; -1 if neither can be. */
  private long footerOffset(long size) throws IOException {
    long entriesEnd = size - SegmentFormat.TRAILER;
    if (entriesEnd < SegmentFormat.HEADER) {
      return -1;
    }
    ByteBuffer trailer = segment.raw(entriesEnd, SegmentFormat.TRAILER);
    long count = trailer.getLong(8);
    long byCount =
        count >= 0 && count <= SegmentFormat.MAX_ENTRIES
            ? entriesEnd - count * (long) Entry.BYTES
            : -1;
    long byOffset = trailer.getLong(0);
    for (long each : new long[] {byCount, byOffset}) {
      if (isFooter(each, entriesEnd)) {
        return each;
      }
    }
    return -1;
  }

  private boolean isFooter(long offset, long entriesEnd) throws IOException {
    long bytes = entriesEnd - offset;
    if (offset < SegmentFormat.HEADER
        || bytes < 0
        || bytes % Entry.BYTES != 0
        || bytes / Entry.BYTES > SegmentFormat.MAX_ENTRIES) {
      return false;
    }
    ByteBuffer footer = segment.raw(offset, (int) bytes);
    long fine = 0;
    for (int at = 0; at < bytes; at += Entry.BYTES) {
      try {
        Entry.read(footer, at, offset);
        fine++;
      } catch (IllegalArgumentException e) {
        // one of them may be the damage
      }
    }
    return 2 * fine >= bytes / Entry.BYTES || bytes == Entry.BYTES;
  }

  private void survey(long end, int count) throws IOException {
    ByteBuffer footer = segment.raw(end, count * Entry.BYTES);
    for (int i = 0; i < count; i++) {
      Entry claim = claim(footer, i * Entry.BYTES);
      if (claim.offset() < SegmentFormat.HEADER
          || claim.stored() < 0
          || claim.offset() > end - claim.stored()
          || !find(claim, claim.offset(), claim.stored())) {
        doubtful.add(claim);
      }
    }
    searchGaps(end);
  }

  /** What an entry says, however impossible. */
  private static Entry claim(ByteBuffer footer, int at) {
    byte[] raw = new byte[Digest.BYTES];
    footer.get(at, raw);
    int number = footer.get(at + 32);
    Form form = number < 1 || number > Form.values().length ? Form.VERBATIM : Form.of(number);
    return new Entry(
        Digest.fromRaw(raw),
        form,
        footer.getShort(at + 34) & 0xffff,
        footer.getInt(at + 36),
        footer.getLong(at + 40),
        footer.getLong(at + 48),
        footer.getLong(at + 56));
  }

  private void searchGaps(long end) throws IOException {
    List<Located> found = new ArrayList<>(good);
    found.addAll(corrected);
    found.sort(Comparator.comparingLong(each -> each.entry().offset()));
    long at = SegmentFormat.HEADER;
    for (Located each : found) {
      searchGap(at, each.entry().offset());
      at = Math.max(at, each.entry().offset() + each.entry().stored());
    }
    searchGap(at, end);
    if (doubtful.removeIf(SegmentSurvey::isOfNothing)) {
      Entry nothing = new Entry(NOTHING, Form.VERBATIM, 0, 0, SegmentFormat.HEADER, 0, 0);
      good.add(new Located(segment, nothing));
    }
  }

  /** True for an entry of the blob that has no bytes, whichever byte of it is wrong. */
  private static boolean isOfNothing(Entry claim) {
    return claim.digest().equals(NOTHING)
        || (claim.stored() == 0 && claim.plain() == 0 && claim.crc() == 0);
  }

  private void searchGap(long from, long to) throws IOException {
    Iterator<Entry> claims = doubtful.iterator();
    while (from < to && claims.hasNext()) {
      Entry claim = claims.next();
      boolean elsewhere = claim.offset() != from || claim.stored() != to - from;
      if (elsewhere && find(claim, from, to - from)) {
        claims.remove();
        return;
      }
    }
  }

  /** True if these bytes are the body of this entry, or would be but for one byte. */
  private boolean find(Entry claim, long offset, long length) throws IOException {
    if (length > WHOLE) {
      return findLong(claim, offset, length);
    }
    byte[] bytes = segment.raw(offset, (int) length).array();
    int crc = crc(bytes);
    for (BurstFix fix : BurstFix.all(crc, claim.crc(), length)) {
      byte[] right = bytes.clone();
      right[(int) fix.at()] ^= (byte) fix.xor();
      Optional<Entry> is = identify(claim, right, offset, false);
      if (is.isPresent()) {
        corrected.add(new Located(new MendedPlace(segment, fix), is.get()));
        return true;
      }
    }
    // the checksum may be what is wrong; a frame may give the blob, and yet not be what was stored
    Optional<Entry> is = identify(claim, bytes, offset, crc == claim.crc());
    is.ifPresent(entry -> good.add(new Located(segment, entry)));
    broken |= crc != claim.crc();
    return is.isPresent();
  }

  /** The entry that these bytes should have. */
  private static Optional<Entry> identify(
      Entry claim, byte[] bytes, long offset, boolean isIntact) {
    Optional<byte[]> plain = decoded(bytes);
    if (plain.isPresent()) {
      Digest digest = Digest.of(plain.get());
      if (digest.equals(claim.digest()) || (isIntact && claim.form() == Form.FRAME)) {
        return Optional.of(
            entry(digest, Form.FRAME, encoder(claim, plain.get(), bytes), bytes, offset)
                .apply(plain.get().length));
      }
    }
    Digest digest = Digest.of(bytes);
    if (digest.equals(claim.digest())
        || (isIntact && claim.form() == Form.VERBATIM && claim.plain() == bytes.length)) {
      return Optional.of(entry(digest, Form.VERBATIM, 0, bytes, offset).apply(bytes.length));
    }
    return list(claim, bytes, offset);
  }

  /** Whether it is the blob's is seen when its parts are there. */
  private static Optional<Entry> list(Entry claim, byte[] bytes, long offset) {
    if (bytes.length == 0 || bytes.length % Entry.PART_BYTES != 0) {
      return Optional.empty();
    }
    long total = 0;
    for (int at = Digest.BYTES; at < bytes.length; at += Entry.PART_BYTES) {
      int size = ByteBuffer.wrap(bytes).getInt(at);
      if (size < 0) {
        return Optional.empty();
      }
      total += size;
    }
    boolean isIntact = crc(bytes) == claim.crc();
    boolean isSized = total == claim.plain();
    Form form = claim.form().isList() ? claim.form() : Form.CHUNKED;
    boolean isPlausible = claim.form().isList() ? isIntact || isSized : isIntact && isSized;
    return isPlausible
        ? Optional.of(entry(claim.digest(), form, 1, bytes, offset).apply(total))
        : Optional.empty();
  }

  /** An entry but for the length of its blob. */
  private interface Unsized {
    Entry apply(long plain);
  }

  private static Unsized entry(Digest digest, Form form, int variant, byte[] bytes, long offset) {
    int crc = crc(bytes);
    return plain -> new Entry(digest, form, variant, crc, offset, bytes.length, plain);
  }

  private static Optional<byte[]> decoded(byte[] frame) {
    if (frame.length == 0) {
      return Optional.empty(); // the blob that has no bytes, of which zstd may not be asked
    }
    long size = Zstd.getFrameContentSize(frame);
    if (size < 0 || size > Frames.MAX_PLAIN || frame.length > size + Frames.MAX_OVERHEAD) {
      return Optional.empty();
    }
    try {
      return Optional.of(Frames.decode(frame, (int) size));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Today's, if it makes these bytes; the entry's word is not enough. */
  private static int encoder(Entry claim, byte[] plain, byte[] frame) {
    boolean ours =
        claim.variant() == Frames.ENCODER
            || Arrays.equals(Frames.encode(plain, 0, plain.length), frame);
    return ours ? Frames.ENCODER : claim.variant();
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private boolean findLong(Entry claim, long offset, long length) throws IOException {
    if (claim.form() != Form.VERBATIM) {
      return false;
    }
    Entry whole = new Entry(claim.digest(), Form.VERBATIM, 0, claim.crc(), offset, length, length);
    Sum sum = sum(new Located(segment, whole));
    if (sum.digest().equals(claim.digest())) {
      good.add(new Located(segment, sum.entry(whole)));
      return true;
    }
    for (BurstFix fix : BurstFix.all(sum.crc(), claim.crc(), length)) {
      Located right = new Located(new MendedPlace(segment, fix), whole);
      if (sum(right).digest().equals(claim.digest())) {
        corrected.add(right);
        return true;
      }
    }
    return false;
  }

  private record Sum(Digest digest, int crc) {
    Entry entry(Entry like) {
      return new Entry(digest, like.form(), 0, crc, like.offset(), like.stored(), like.plain());
    }
  }

  private static Sum sum(Located body) throws IOException {
    MessageDigest hash = Digest.sha256();
    CRC32C crc = new CRC32C();
    long length = body.entry().stored();
    for (long at = 0; at < length; at += SLICE) {
      byte[] some = body.stored(at, (int) Math.min(SLICE, length - at));
      hash.update(some);
      crc.update(some);
    }
    return new Sum(Digest.fromRaw(hash.digest()), (int) crc.getValue());
  }
}
