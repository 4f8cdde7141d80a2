package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sealed segment. Its footer is read or mapped when it is first asked for; the hash of the footer
 * is left to {@code check}, because whatever a wrong footer leads to is hashed anyway.
 */
final class Segment implements Place {
  /** Read at once from the end of the file: the trailer, and all of a footer that is small. */
  private static final int TAIL = 16 << 10;

  private final Filesystem files;
  private final Windows windows;
  private final RelPath file;
  private volatile @Nullable Footer footer;

  Segment(Filesystem files, Windows windows, RelPath file) {
    this.files = files;
    this.windows = windows;
    this.file = file;
  }

  /** The entries, mapped if they are many, and what the trailer says. */
  record Footer(ByteBuffer entries, SegmentFormat.Trailer trailer) {
    Entry entry(int index) {
      return Entry.read(entries, index * Entry.BYTES, trailer.footerOffset());
    }
  }

  RelPath file() {
    return file;
  }

  Footer footer() throws IOException {
    Footer known = footer;
    if (known == null) {
      known = load();
      footer = known;
    }
    return known;
  }

  private Footer load() throws IOException {
    try (Filesystem.Window window = files.open(file)) {
      if (window.size() < SegmentFormat.HEADER + SegmentFormat.TRAILER) {
        throw corrupt("it has only " + window.size() + " bytes");
      }
      int tail = (int) Math.min(TAIL, window.size());
      ByteBuffer end = ByteBuffer.allocate(tail);
      window.read(window.size() - tail, end);
      int trailerAt = tail - SegmentFormat.TRAILER;
      SegmentFormat.Trailer trailer =
          SegmentFormat.trailer(end.slice(trailerAt, SegmentFormat.TRAILER), window.size());
      int length = trailer.count() * Entry.BYTES;
      ByteBuffer entries =
          length <= trailerAt
              ? end.slice(trailerAt - length, length)
              : window.view(trailer.footerOffset(), length);
      return new Footer(entries, trailer);
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  /** The first entry of this digest that is wanted, in order of forms and variants. */
  Optional<Located> find(ByteBuffer digest, Wanted wanted) throws IOException {
    Footer loaded = footer();
    ByteBuffer entries = loaded.entries();
    int count = loaded.trailer().count();
    for (int i = lowerBound(entries, count, digest);
        i < count && compare(entries, i, digest) == 0;
        i++) {
      Entry entry = entry(loaded, i);
      if (wanted.accepts(entry.form(), entry.variant())) {
        return Optional.of(new Located(this, entry));
      }
    }
    return Optional.empty();
  }

  private Entry entry(Footer loaded, int index) throws StoreException.Corrupt {
    try {
      return loaded.entry(index);
    } catch (IllegalArgumentException e) {
      throw corrupt(String.valueOf(e.getMessage()));
    }
  }

  private static int lowerBound(ByteBuffer entries, int count, ByteBuffer digest) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(entries, middle, digest) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The digest of entry {@code index} against {@code digest}, as unsigned bytes. */
  private static int compare(ByteBuffer entries, int index, ByteBuffer digest) {
    int at = index * Entry.BYTES;
    for (int i = 0; i < Digest.BYTES; i += Long.BYTES) {
      int order = Long.compareUnsigned(entries.getLong(at + i), digest.getLong(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    try {
      windows.read(file, offset, target);
    } catch (EOFException e) {
      throw corrupt("it ends too early");
    }
  }

  private StoreException.Corrupt corrupt(String fault) {
    return new StoreException.Corrupt(file.value(), fault);
  }

  @Override
  public String toString() {
    return file.value();
  }
}
