package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A sealed segment. Its footer is read when it is first asked for, a large one only where it is
 * asked; the hash of the footer is left to {@code check}, because whatever a wrong footer leads to
 * is hashed anyway. Nothing is mapped: of a file that was cut, or a disk that cannot read, a map
 * tells Java too late. Safe for many threads.
 */
final class Segment implements Place {
  /** Read at once from the end of the file: the trailer, and all of a footer that is small. */
  private static final int TAIL = 16 << 10;

  /** What reading a few bytes costs, as bytes of a longer read. */
  private static final int PIECE = 32 << 10;

  private final DiskSegments segments;
  private final RelPath file;
  private volatile SegmentFormat.@Nullable Trailer trailer;
  private volatile SoftReference<Footer> footer = new SoftReference<>(null);
  private volatile @Nullable Set<Long> distrusted;
  private volatile boolean condemned;

  /** Bytes of the footer that were read piece by piece. */
  private final AtomicLong pieces = new AtomicLong();

  /** The gate's number before the file was last seen. */
  private volatile long seen = Gate.UNKNOWN;

  Segment(DiskSegments segments, RelPath file) {
    this.segments = segments;
    this.file = file;
  }

  /** The entries and what the trailer says. */
  record Footer(ByteBuffer entries, SegmentFormat.Trailer trailer) {
    /**
     * One entry.
     *
     * @throws IllegalArgumentException if it cannot be
     */
    Entry entry(int index) {
      return Entry.read(entries, index * Entry.BYTES, trailer.footerOffset());
    }
  }

  RelPath file() {
    return file;
  }

  /** Trailer and all entries, kept as long as there is memory. */
  Footer footer() throws IOException {
    Footer known = footer.get();
    if (known == null) {
      SegmentFormat.Trailer end = trailer();
      known = footer.get();
      if (known == null) {
        known = new Footer(raw(end.footerOffset(), end.count() * Entry.BYTES), end);
        footer = new SoftReference<>(known);
      }
    }
    return known;
  }

  /** What the trailer says; on the way a small footer is read with it. */
  SegmentFormat.Trailer trailer() throws IOException {
    SegmentFormat.Trailer known = trailer;
    if (known == null) {
      known = load();
      trailer = known;
    }
    return known;
  }

  private SegmentFormat.Trailer load() throws IOException {
    long size = segments.windows().size(file);
    if (size < SegmentFormat.HEADER + SegmentFormat.TRAILER) {
      throw corrupt("it has only " + size + " bytes");
    }
    int tail = (int) Math.min(TAIL, size);
    ByteBuffer end = raw(size - tail, tail);
    int trailerAt = tail - SegmentFormat.TRAILER;
    try {
      SegmentFormat.Trailer read =
          SegmentFormat.trailer(end.slice(trailerAt, SegmentFormat.TRAILER), size);
      int length = read.count() * Entry.BYTES;
      if (length <= trailerAt) {
        ByteBuffer entries = ByteBuffer.allocate(length).put(end.slice(trailerAt - length, length));
        footer = new SoftReference<>(new Footer(entries.flip(), read));
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  /** How long the file is. */
  long size() throws IOException {
    return segments.windows().size(file);
  }

  /** Bytes of the file, not of what was moved elsewhere. */
  ByteBuffer raw(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    raw(offset, bytes);
    return bytes.flip();
  }

  /** Fills {@code target} with bytes of the file. */
  void raw(long offset, ByteBuffer target) throws IOException {
    try {
      segments.windows().read(file, offset, target);
    } catch (EOFException e) {
      throw corrupt("it ends too early");
    }
  }

  private FooterSearch search() throws IOException {
    SegmentFormat.Trailer end = trailer();
    Footer known = asked(end);
    return known != null
        ? new FooterSearch(known.entries(), end.count())
        : new FooterSearch(this::piece, end);
  }

  /** The footer if it is in memory, or once its pieces have cost as much as reading it whole. */
  private @Nullable Footer asked(SegmentFormat.Trailer end) throws IOException {
    Footer known = footer.get();
    if (known == null && pieces.get() > (long) end.count() * Entry.BYTES) {
      pieces.set(0); // where memory is short it is forgotten soon, and would be read for each entry
      return footer();
    }
    return known;
  }

  private ByteBuffer piece(long offset, int length) throws IOException {
    pieces.addAndGet(Math.max(length, PIECE));
    return raw(offset, length);
  }

  /** True if there is an entry of this digest, trusted or not. */
  boolean holds(ByteBuffer digest) throws IOException {
    FooterSearch search = search();
    int at = search.first(digest);
    return at < trailer().count() && search.isAt(at, digest);
  }

  /** The first entry of this digest that is wanted, in order of forms and variants. */
  Optional<Located> find(ByteBuffer digest, Wanted wanted) throws IOException {
    FooterSearch search = search();
    int count = trailer().count();
    for (int i = search.first(digest); i < count && search.isAt(i, digest); i++) {
      Entry entry = entry(search.entry(i));
      if (wanted.accepts(entry.form(), entry.variant()) && !isDistrusted(entry)) {
        return Optional.of(new Located(this, entry));
      }
    }
    return Optional.empty();
  }

  /** Entry {@code index} if it is of this digest and wanted. */
  Optional<Located> at(int index, ByteBuffer digest, Wanted wanted) throws IOException {
    SegmentFormat.Trailer end = trailer();
    if (index < 0 || index >= end.count()) {
      return Optional.empty();
    }
    Footer known = asked(end);
    ByteBuffer raw =
        known != null
            ? known.entries().slice(index * Entry.BYTES, Entry.BYTES)
            : piece(end.footerOffset() + (long) index * Entry.BYTES, Entry.BYTES);
    if (!raw.slice(0, Digest.BYTES).equals(digest)) {
      return Optional.empty();
    }
    Entry entry = entry(raw);
    return wanted.accepts(entry.form(), entry.variant()) && !isDistrusted(entry)
        ? Optional.of(new Located(this, entry))
        : Optional.empty();
  }

  private Entry entry(ByteBuffer from) throws IOException {
    try {
      return Entry.read(from, 0, trailer().footerOffset());
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void read(Entry entry, long from, ByteBuffer target) throws IOException {
    int start = target.position();
    try {
      segments.windows().read(file, entry.offset() + from, target);
    } catch (NoSuchFileException e) {
      target.position(start);
      Located now = segments.moved(entry);
      now.place().read(now.entry(), from, target);
    } catch (EOFException e) {
      throw corrupt("it ends too early");
    }
  }

  /** A file that was seen goes only while the gate is closed. */
  @Override
  public boolean isThere() throws IOException {
    if (segments.gate().isStill(seen)) {
      return true;
    }
    long now = segments.gate().number();
    boolean there = segments.exists(file);
    if (there) {
      seen = now;
    }
    return there;
  }

  @Override
  public boolean distrust(Entry entry) {
    Set<Long> some = distrusted;
    if (some == null) {
      synchronized (this) {
        some = distrusted;
        if (some == null) {
          some = ConcurrentHashMap.newKeySet();
          distrusted = some;
        }
      }
    }
    boolean fresh = some.add(entry.offset());
    if (fresh) {
      segments.doubt();
    }
    return fresh;
  }

  /** From now on nothing of it is found: it is about to be removed. */
  void condemn() {
    condemned = true;
    segments.doubt();
  }

  /** True after {@link #distrust}. */
  boolean isDistrusted(Entry entry) {
    return isDistrusted(entry.offset());
  }

  /** True after {@link #distrust} of what begins there. */
  boolean isDistrusted(long offset) {
    Set<Long> some = distrusted;
    return condemned || (some != null && some.contains(offset));
  }

  private StoreException.Corrupt corrupt(String fault) {
    return new StoreException.Corrupt(file.value(), fault);
  }

  @Override
  public String toString() {
    return file.value();
  }
}
