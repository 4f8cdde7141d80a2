package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * The merged index, open: where the entries of the segments it covers are, by the first bytes of
 * their digests. It only says where to look; whoever looks compares the whole digest. Each page is
 * read when it is first needed and held against its checksum. Safe for many threads.
 */
final class BlobIndex implements Closeable {
  static final RelPath DIRECTORY = RelPath.of("index");
  static final RelPath FILE = DIRECTORY.child("blobs");

  /** Pages that are kept: 16 MiB, which is all of a million blobs. */
  private static final int MOST_KEPT = 4096;

  private final Filesystem.Window window;
  private final IndexFormat.Header header;
  private final ByteBuffer tables;
  private final long[] firsts;
  private final AtomicReferenceArray<ByteBuffer> pages;
  private final AtomicReferenceArray<Segment> objects;
  private final AtomicInteger kept = new AtomicInteger();

  private BlobIndex(Filesystem.Window window, IndexFormat.Header header, ByteBuffer tables) {
    this.window = window;
    this.header = header;
    this.tables = tables;
    this.firsts = new long[header.pages()];
    tables
        .slice(header.segments() * IndexFormat.SEGMENT, header.pages() * Long.BYTES)
        .asLongBuffer()
        .get(firsts);
    this.pages = new AtomicReferenceArray<>(header.pages());
    this.objects = new AtomicReferenceArray<>(header.segments());
  }

  /**
   * Opens the index of a store. The caller closes it.
   *
   * @throws IOException if there is none, or it is not one
   */
  static BlobIndex open(Filesystem files) throws IOException {
    Filesystem.Window window = files.open(FILE);
    boolean ready = false;
    try {
      IndexFormat.Header header = header(window);
      ByteBuffer tables = read(window, header.tablesAt(), header.tables());
      if (checksum(tables) != header.checksum()) {
        throw damaged("its tables have another checksum");
      }
      ready = true;
      return new BlobIndex(window, header, tables);
    } finally {
      if (!ready) {
        window.close();
      }
    }
  }

  private static IndexFormat.Header header(Filesystem.Window window) throws IOException {
    if (window.size() < IndexFormat.HEADER) {
      throw damaged("it is too short");
    }
    try {
      long at = window.size() - IndexFormat.HEADER;
      return IndexFormat.header(read(window, at, IndexFormat.HEADER), window.size());
    } catch (IllegalArgumentException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  /** What is wrong with the index of a store; nothing if it has none. */
  static List<Finding> check(Filesystem files) {
    try (BlobIndex index = open(files)) {
      index.all((prefix, segment, entry) -> true);
      return List.of();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      return List.of(new Finding(FILE.value(), "index", String.valueOf(e.getMessage())));
    }
  }

  /** True if the store has another index now. */
  boolean isReplaced(Filesystem files) throws IOException {
    try (Filesystem.Window now = files.open(FILE)) {
      return !header(now).equals(header);
    }
  }

  private static ByteBuffer read(Filesystem.Window window, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    window.read(position, bytes);
    return bytes.flip();
  }

  static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  private static IOException damaged(String fault) {
    return new IOException(FILE + ": " + fault);
  }

  /** Two indexes with one header are the same. */
  IndexFormat.Header header() {
    return header;
  }

  /** Number of segments that are covered. */
  int segments() {
    return header.segments();
  }

  long entries() {
    return header.entries();
  }

  /** The file of a covered segment; the numbers are in order of names. */
  RelPath file(int number) throws IOException {
    byte[] hash = new byte[Digest.BYTES];
    tables.get(number * IndexFormat.SEGMENT + 1, hash);
    int purpose = tables.get(number * IndexFormat.SEGMENT);
    return Purpose.of(purpose)
        .orElseThrow(() -> damaged("it names an unknown purpose"))
        .file(HexFormat.of().formatHex(hash));
  }

  /** A covered segment, made when it is first asked for. */
  Segment segment(int number, Function<RelPath, Segment> make) throws IOException {
    if (number < 0 || number >= header.segments()) {
      throw damaged("it names a segment it does not have");
    }
    Segment known = objects.get(number);
    if (known == null) {
      known = make.apply(file(number));
      objects.set(number, known);
    }
    return known;
  }

  /**
   * Those files of segments, in order of names, that are not covered.
   *
   * @param covered gets the numbers of the others
   */
  List<RelPath> uncovered(List<RelPath> files, BitSet covered) {
    List<RelPath> uncovered = new ArrayList<>();
    byte[] name = new byte[IndexFormat.SEGMENT];
    int at = 0;
    for (RelPath each : files) {
      byte[] wanted = IndexFormat.segment(each);
      int order = -1;
      while (at < header.segments() && order < 0) {
        tables.get(at * IndexFormat.SEGMENT, name);
        order = Arrays.compareUnsigned(name, wanted);
        if (order < 0) {
          at++;
        }
      }
      if (order == 0) {
        covered.set(at);
      } else {
        uncovered.add(each);
      }
    }
    return uncovered;
  }

  /** The first bytes of a digest, by which entries are sorted, unsigned. */
  static long prefix(ByteBuffer digest) {
    return digest.getLong(0);
  }

  /** Gets an entry of the index. */
  interface Visitor {
    /**
     * One entry.
     *
     * @return true to be given the next
     */
    boolean visit(long prefix, int segment, int entry) throws IOException;
  }

  /**
   * Gives the entries whose digests begin like this.
   *
   * @throws IOException if the index cannot be read or is damaged
   */
  void find(long prefix, Visitor visitor) throws IOException {
    int page = Math.max(0, firstNotBefore(prefix) - 1);
    int at = page < firsts.length ? lowerBound(page(page), size(page), prefix) : 0;
    for (; page < firsts.length; page++) {
      ByteBuffer entries = page(page);
      int size = size(page);
      for (; at < size; at++) {
        if (entries.getLong(at * IndexFormat.ENTRY) != prefix || !give(entries, at, visitor)) {
          return;
        }
      }
      at = 0;
    }
  }

  private static boolean give(ByteBuffer page, int at, Visitor visitor) throws IOException {
    int position = at * IndexFormat.ENTRY;
    return visitor.visit(
        page.getLong(position), page.getInt(position + 8), page.getInt(position + 12));
  }

  /** Gives all entries in order, without keeping them. */
  void all(Visitor visitor) throws IOException {
    for (int page = 0; page < firsts.length; page++) {
      ByteBuffer entries = load(page);
      int size = size(page);
      for (int at = 0; at < size; at++) {
        if (!give(entries, at, visitor)) {
          return;
        }
      }
    }
  }

  /** The first page that begins at this prefix or after it. */
  private int firstNotBefore(long prefix) {
    int low = 0;
    int high = firsts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(firsts[middle], prefix) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int lowerBound(ByteBuffer page, int size, long prefix) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(page.getLong(middle * IndexFormat.ENTRY), prefix) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int size(int page) {
    long before = (long) page * IndexFormat.PAGE_ENTRIES;
    return (int) Math.min(IndexFormat.PAGE_ENTRIES, header.entries() - before);
  }

  private ByteBuffer page(int number) throws IOException {
    ByteBuffer known = pages.get(number);
    if (known == null) {
      known = load(number);
      if (kept.get() < MOST_KEPT && pages.compareAndSet(number, null, known)) {
        kept.incrementAndGet();
      }
    }
    return known;
  }

  private ByteBuffer load(int number) throws IOException {
    ByteBuffer page = read(window, (long) number * IndexFormat.PAGE, IndexFormat.PAGE);
    if (!IndexFormat.isPage(page, number, header.mark())) {
      throw damaged("page " + number + " has another checksum");
    }
    return page;
  }

  @Override
  public void close() throws IOException {
    window.close();
  }
}
