package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a merged index of an older one and of the footers of segments that it does not cover. It
 * needs 32 bytes of memory for each entry of these footers, and goes once through the pages of the
 * older one. For one thread.
 */
final class IndexMerge {
  /** Entries of uncovered segments that are taken at once, about 64 MiB. */
  private static final int BATCH = 2 << 20;

  private static final int BUFFER = 256 << 10;

  private final Optional<BlobIndex> old;

  /** Numbers of the old index's segments in the new one; negative of those that are gone. */
  private final int[] moved;

  private final ByteBuffer names;
  private final SortedEntries added;
  private final boolean complete;

  /**
   * Reads the footers.
   *
   * @param stay numbers of the old index's segments that are still there
   * @param more segments to cover; those that cannot be read stay uncovered
   */
  IndexMerge(Optional<BlobIndex> old, BitSet stay, List<Segment> more) throws IOException {
    this.old = old;
    SortedMap<RelPath, Integer> before = new TreeMap<>();
    if (old.isPresent()) {
      for (int i = stay.nextSetBit(0); i >= 0; i = stay.nextSetBit(i + 1)) {
        before.put(old.get().file(i), i);
      }
    }
    SortedMap<RelPath, Segment> fresh = new TreeMap<>();
    int count = 0;
    boolean all = true;
    for (Segment each : more) {
      if (count >= BATCH) {
        all = false;
        break;
      }
      int entries = entries(each);
      if (entries >= 0) {
        count += entries;
        fresh.put(each.file(), each);
      }
    }
    this.complete = all;
    this.added = new SortedEntries(count);
    this.moved = new int[old.map(BlobIndex::segments).orElse(0)];
    this.names = ByteBuffer.allocate((before.size() + fresh.size()) * IndexFormat.SEGMENT);
    number(before, fresh);
    added.sort();
  }

  /** True if all segments could be taken at once; else another merge takes the next. */
  boolean isComplete() {
    return complete;
  }

  /** Negative if the segment cannot be read. */
  private static int entries(Segment segment) throws IOException {
    try {
      return segment.trailer().count();
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return -1; // gone, or damaged, which each search says
    }
  }

  private void number(SortedMap<RelPath, Integer> before, SortedMap<RelPath, Segment> fresh)
      throws IOException {
    Arrays.fill(moved, -1);
    SortedMap<RelPath, Integer> all = new TreeMap<>(before);
    fresh.keySet().forEach(file -> all.put(file, -1));
    int number = 0;
    for (RelPath file : all.keySet()) {
      names.put(IndexFormat.segment(file));
      Segment segment = fresh.get(file);
      if (segment != null) {
        add(number, segment);
      } else {
        moved[all.getOrDefault(file, -1)] = number;
      }
      number++;
    }
    names.flip();
  }

  private void add(int number, Segment segment) throws IOException {
    Segment.Footer footer = segment.footer();
    ByteBuffer entries = footer.entries();
    for (int i = 0; i < footer.trailer().count(); i++) {
      added.add(entries.getLong(i * Entry.BYTES), number, i);
    }
  }

  /** Writes the index to a new file, which it does not sync: its checksums tell a torn one. */
  void write(Filesystem files, RelPath file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(files.create(file), BUFFER)) {
      Pages pages = new Pages(out, BlobIndex.checksum(names));
      int[] next = {0};
      if (old.isPresent()) {
        old.get()
            .all(
                (prefix, segment, entry) -> {
                  next[0] = addedBefore(prefix, next[0], pages);
                  int now = segment >= 0 && segment < moved.length ? moved[segment] : -1;
                  if (now >= 0) {
                    pages.add(prefix, now, entry);
                  }
                  return true;
                });
      }
      while (next[0] < added.count()) {
        next[0] = add(next[0], pages);
      }
      pages.end(names);
    }
  }

  /** Writes what was added and comes before {@code prefix}. */
  private int addedBefore(long prefix, int from, Pages to) throws IOException {
    int next = from;
    while (next < added.count() && Long.compareUnsigned(added.prefix(next), prefix) < 0) {
      next = add(next, to);
    }
    return next;
  }

  private int add(int at, Pages to) throws IOException {
    to.add(added.prefix(at), added.segment(at), added.entry(at));
    return at + 1;
  }

  /** The pages of the file, one after the other. */
  private static final class Pages {
    private final OutputStream out;
    private final int mark;
    private final ByteBuffer page = ByteBuffer.allocate(IndexFormat.PAGE);
    private long[] firsts = new long[64];
    private int number;
    private long entries;

    Pages(OutputStream out, int mark) {
      this.out = out;
      this.mark = mark;
    }

    void add(long prefix, int segment, int entry) throws IOException {
      if (page.position() == 0) {
        if (number == firsts.length) {
          firsts = Arrays.copyOf(firsts, Math.multiplyExact(2, number));
        }
        firsts[number] = prefix;
      }
      page.putLong(prefix).putInt(segment).putInt(entry);
      entries++;
      if (entries % IndexFormat.PAGE_ENTRIES == 0) {
        endPage();
      }
    }

    private void endPage() throws IOException {
      Arrays.fill(page.array(), page.position(), IndexFormat.PAGE, (byte) 0);
      IndexFormat.endPage(page, number, mark);
      out.write(page.array());
      page.clear();
      number++;
    }

    void end(ByteBuffer names) throws IOException {
      if (page.position() > 0) {
        endPage();
      }
      ByteBuffer tables = ByteBuffer.allocate(names.remaining() + number * Long.BYTES);
      int segments = names.remaining() / IndexFormat.SEGMENT;
      tables.put(names.duplicate());
      for (int i = 0; i < number; i++) {
        tables.putLong(firsts[i]);
      }
      tables.flip();
      out.write(tables.array());
      out.write(
          new IndexFormat.Header(segments, entries, mark, BlobIndex.checksum(tables))
              .bytes()
              .array());
    }
  }
}
