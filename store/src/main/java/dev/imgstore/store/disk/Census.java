package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * All entries of all segments, numbered: the entry {@code i} of a segment is the spot {@code base +
 * i}. Spots of one digest hang together, the first that was added in front, whatever is added
 * later. Sixteen bytes a spot, beside the footers themselves. Not for several threads while one
 * adds.
 */
final class Census implements Lookup {
  private static final int FORMS = Form.values().length;
  private static final int NONE = -1;
  private static final int PLAIN = 56;
  private static final int STORED = 48;
  private static final int OFFSET = 40;
  private static final int VARIANT = 34;
  private static final int FORM = 32;

  private final Lookup segments;
  private final List<Part> parts = new ArrayList<>();
  private final Map<RelPath, Part> byFile = new HashMap<>();
  private int[] slots = new int[1 << 10];
  private int[] next = new int[1 << 9];
  private int[] places = new int[1 << 9];
  private final BitSet shared = new BitSet();
  private int size;

  Census(Lookup segments) {
    this.segments = segments;
    Arrays.fill(slots, NONE);
  }

  /**
   * One segment.
   *
   * @param size bytes of the file
   * @param refers whether something in it names other blobs
   * @param fault what is wrong with it; empty if nothing is known to be
   */
  record Part(
      int index,
      Segment segment,
      Purpose purpose,
      Segment.Footer footer,
      int base,
      int count,
      long size,
      boolean refers,
      String fault) {
    int end() {
      return base + count;
    }
  }

  List<Part> parts() {
    return parts;
  }

  Optional<Part> part(RelPath file) {
    return Optional.ofNullable(byFile.get(file));
  }

  /** Number of spots. */
  int size() {
    return size;
  }

  /** Adds a segment; one whose footer cannot be read is refused. */
  Part add(Segment segment) throws IOException {
    Segment.Footer footer = segment.footer();
    int count = footer.trailer().count();
    int base = size;
    reserve(base + count);
    String fault =
        isWhole(segment, footer.trailer()) ? "" : "its footer has another hash than it says";
    boolean refers = false;
    ByteBuffer entries = footer.entries();
    for (int i = 0; i < count; i++) {
      int form = entries.get(i * Entry.BYTES + FORM);
      refers |= form == Form.CHUNKED.number() || form == Form.STITCHED.number();
      if (form < 1 || form > FORMS || !isInside(entries, i, footer.trailer())) {
        fault = "entry " + i + " is impossible";
      }
    }
    Purpose purpose = Purpose.of(segment.file()).orElseThrow();
    long bytes =
        footer.trailer().footerOffset() + (long) count * Entry.BYTES + SegmentFormat.TRAILER;
    Part part =
        new Part(
            parts.size(),
            segment,
            purpose,
            footer,
            base,
            count,
            bytes,
            refers || purpose == Purpose.METADATA,
            fault);
    parts.add(part);
    byFile.put(segment.file(), part);
    Arrays.fill(places, base, base + count, part.index());
    for (int i = 0; i < count; i++) {
      link(base + i);
    }
    size = base + count;
    return part;
  }

  /** What a damaged footer says must not be sealed anew, nor stand for a good copy. */
  private static boolean isWhole(Segment segment, SegmentFormat.Trailer trailer)
      throws IOException {
    int bytes = trailer.count() * Entry.BYTES + SegmentFormat.TRAILER;
    ByteBuffer footer = segment.raw(trailer.footerOffset(), bytes);
    byte[] hash = SegmentFormat.hash(SegmentFormat.hashedPart(footer));
    return HexFormat.of().formatHex(hash).equals(trailer.hash());
  }

  private static boolean isInside(ByteBuffer entries, int index, SegmentFormat.Trailer trailer) {
    long offset = entries.getLong(index * Entry.BYTES + OFFSET);
    long stored = entries.getLong(index * Entry.BYTES + STORED);
    return offset >= SegmentFormat.HEADER
        && stored >= 0
        && offset <= trailer.footerOffset() - stored
        && offset < Long.MAX_VALUE / SegmentFormat.MAX_ENTRIES;
  }

  private void reserve(int spots) {
    if (spots > next.length) {
      next = Arrays.copyOf(next, Math.max(spots, next.length + next.length / 2));
      places = Arrays.copyOf(places, next.length);
    }
    int wanted = slots.length;
    while (wanted < 2L * spots) {
      wanted = Math.multiplyExact(wanted, 2);
    }
    if (wanted != slots.length) {
      int[] old = slots;
      slots = new int[wanted];
      Arrays.fill(slots, NONE);
      for (int head : old) {
        if (head != NONE) {
          slots[free(head)] = head;
        }
      }
    }
  }

  /** The slot for the digest of a spot that is in none. */
  private int free(int spot) {
    int slot = slot(word(spot, 0));
    while (slots[slot] != NONE) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }

  private int slot(long firstWord) {
    return (int) (firstWord >>> 20) & (slots.length - 1);
  }

  private void link(int spot) {
    next[spot] = NONE;
    int slot = slot(word(spot, 0));
    while (slots[slot] != NONE) {
      int head = slots[slot];
      if (sameDigest(head, spot)) {
        next[spot] = next[head];
        next[head] = spot;
        shared.set(head);
        shared.set(spot);
        return;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = spot;
  }

  private boolean sameDigest(int one, int other) {
    for (int at = 0; at < Digest.BYTES; at += Long.BYTES) {
      if (word(one, at) != word(other, at)) {
        return false;
      }
    }
    return true;
  }

  private long word(int spot, int at) {
    Part part = of(spot);
    return part.footer().entries().getLong((spot - part.base()) * Entry.BYTES + at);
  }

  /** The segment of a spot. */
  Part of(int spot) {
    return parts.get(places[spot]);
  }

  /** The first spot of the digest that stands at {@code at} in {@code raw}; -1 if there is none. */
  int first(ByteBuffer raw, int at) {
    int slot = slot(raw.getLong(at));
    while (slots[slot] != NONE) {
      int head = slots[slot];
      if (is(head, raw, at)) {
        return head;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return NONE;
  }

  int first(Digest digest) {
    return first(ByteBuffer.wrap(digest.raw()), 0);
  }

  private boolean is(int spot, ByteBuffer raw, int at) {
    Part part = of(spot);
    ByteBuffer entries = part.footer().entries();
    int from = (spot - part.base()) * Entry.BYTES;
    for (int i = 0; i < Digest.BYTES; i += Long.BYTES) {
      if (entries.getLong(from + i) != raw.getLong(at + i)) {
        return false;
      }
    }
    return true;
  }

  /** The first spot of the digest of a spot. */
  int first(int spot) {
    Part part = of(spot);
    return first(part.footer().entries(), (spot - part.base()) * Entry.BYTES);
  }

  /** Another spot of the same digest; -1 after the last. */
  int next(int spot) {
    return next[spot];
  }

  /** True if there is no other spot of its digest. */
  boolean isAlone(int spot) {
    return !shared.get(spot);
  }

  /** True if both hold the same form of the same blob, given that they are of one digest. */
  boolean isCopy(int one, int other) {
    return form(one) == form(other) && variant(one) == variant(other);
  }

  int form(int spot) {
    Part part = of(spot);
    return part.footer().entries().get((spot - part.base()) * Entry.BYTES + FORM);
  }

  private int variant(int spot) {
    Part part = of(spot);
    return part.footer().entries().getShort((spot - part.base()) * Entry.BYTES + VARIANT);
  }

  long stored(int spot) {
    Part part = of(spot);
    return part.footer().entries().getLong((spot - part.base()) * Entry.BYTES + STORED);
  }

  long plain(int spot) {
    Part part = of(spot);
    return part.footer().entries().getLong((spot - part.base()) * Entry.BYTES + PLAIN);
  }

  /** Spots of one segment in the order in which their bodies lie. */
  int[] inOrder(Part part, IntPredicate wanted) {
    long[] keys = new long[part.count()];
    int found = 0;
    for (int i = 0; i < part.count(); i++) {
      if (wanted.test(part.base() + i)) {
        keys[found++] = offset(part.base() + i) * SegmentFormat.MAX_ENTRIES + i;
      }
    }
    Arrays.sort(keys, 0, found);
    int[] spots = new int[found];
    for (int i = 0; i < found; i++) {
      spots[i] = part.base() + (int) (keys[i] % SegmentFormat.MAX_ENTRIES);
    }
    return spots;
  }

  private long offset(int spot) {
    Part part = of(spot);
    return part.footer().entries().getLong((spot - part.base()) * Entry.BYTES + OFFSET);
  }

  /** The entry, checked. */
  Located located(int spot) throws StoreException.Corrupt {
    Part part = of(spot);
    try {
      return new Located(part.segment(), part.footer().entry(spot - part.base()));
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt(
          part.segment().file().value(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
    for (int spot = first(blob); spot != NONE; spot = next(spot)) {
      Located located = located(spot);
      if (!of(spot).segment().isDistrusted(located.entry())
          && wanted.accepts(located.entry().form(), located.entry().variant())) {
        return Optional.of(located);
      }
    }
    return Optional.empty();
  }

  @Override
  public Located get(Digest blob, Wanted wanted) throws IOException {
    Optional<Located> found = find(blob, wanted);
    if (found.isEmpty()) {
      throw absent(blob);
    }
    return found.get();
  }

  @Override
  public long doubts() {
    return segments.doubts();
  }

  @Override
  public StoreException absent(Digest blob) {
    return new StoreException.MissingBlob(blob);
  }
}
