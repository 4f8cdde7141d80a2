package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A segment being written in {@code tmp/}. Nothing of it is visible to others before it is {@link
 * #seal sealed} and moved. After any exception it can only be {@link #discard discarded}. Safe for
 * many threads, but a body that is {@link #begin begun} belongs to one.
 */
final class SegmentWriter implements Place, Closeable {
  private static final int BUFFER = 256 << 10;

  /** Seeded by the time of the process's start in nanoseconds; names also differ by content. */
  private static final SplittableRandom CHANCE = new SplittableRandom();

  private final Filesystem files;
  private final RelPath file;
  private final Purpose purpose;
  private final List<Entry> entries = new ArrayList<>();
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long written;
  private OutputStream out;
  private Filesystem.@Nullable Window readBack;
  private @Nullable Segment published;
  private boolean open = true;

  SegmentWriter(Filesystem files, RelPath file, Purpose purpose) throws IOException {
    this.files = files;
    this.file = file;
    this.purpose = purpose;
    this.out = files.create(file);
    write(SegmentFormat.header(), 0, SegmentFormat.HEADER);
  }

  RelPath file() {
    return file;
  }

  Purpose purpose() {
    return purpose;
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** True if it holds as much as a segment should. */
  synchronized boolean isFull() {
    return position() >= SegmentFormat.FULL || entries.size() >= SegmentFormat.MAX_ENTRIES;
  }

  private long position() {
    return written + buffered;
  }

  /** Adds a body of one array. */
  synchronized Entry append(
      Digest digest, Form form, int variant, byte[] body, int length, long plain)
      throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(body, 0, length);
    long offset = position();
    write(body, 0, length);
    return enter(new Entry(digest, form, variant, (int) crc.getValue(), offset, length, plain));
  }

  /**
   * Appends a body of another segment as it is.
   *
   * @return false, and nothing is appended, if it does not match its checksum
   */
  synchronized boolean copy(Entry entry, byte[] bytes, int from) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, (int) entry.stored());
    if ((int) crc.getValue() != entry.crc()) {
      return false;
    }
    long offset = position();
    write(bytes, from, (int) entry.stored());
    enter(entry.at(offset));
    return true;
  }

  /** As {@link #copy(Entry, byte[], int)} for a body that is read piece by piece. */
  synchronized boolean copy(Entry entry, Filesystem.Window window) throws IOException {
    CRC32C crc = new CRC32C();
    long offset = position();
    byte[] piece = new byte[BUFFER];
    for (long at = 0; at < entry.stored(); at += BUFFER) {
      int length = (int) Math.min(BUFFER, entry.stored() - at);
      window.read(entry.offset() + at, ByteBuffer.wrap(piece, 0, length));
      crc.update(piece, 0, length);
      write(piece, 0, length);
    }
    if ((int) crc.getValue() != entry.crc()) {
      cutBack(offset);
      return false;
    }
    enter(entry.at(offset));
    return true;
  }

  private Entry enter(Entry entry) {
    entries.add(entry);
    return entry;
  }

  /**
   * A verbatim body that comes piece by piece; ended by {@link #end} or taken back by {@link
   * #undo}.
   */
  final class Body {
    private final CRC32C crc = new CRC32C();
    private final long offset = position();

    void write(byte[] bytes, int length) throws IOException {
      synchronized (SegmentWriter.this) {
        crc.update(bytes, 0, length);
        SegmentWriter.this.write(bytes, 0, length);
      }
    }

    long length() {
      synchronized (SegmentWriter.this) {
        return position() - offset;
      }
    }

    /** Has the disk write what there is; nobody may count on it. */
    void sync() throws IOException {
      files.sync(file);
    }

    Entry end(Digest digest) {
      synchronized (SegmentWriter.this) {
        long length = position() - offset;
        return enter(
            new Entry(digest, Form.VERBATIM, 0, (int) crc.getValue(), offset, length, length));
      }
    }

    void undo() throws IOException {
      synchronized (SegmentWriter.this) {
        cutBack(offset);
      }
    }
  }

  synchronized Body begin() {
    return new Body();
  }

  private void cutBack(long offset) throws IOException {
    drain();
    out.close();
    files.truncate(file, offset);
    out = files.append(file);
    written = offset;
    forgetReadBack();
  }

  private void write(byte[] bytes, int from, int length) throws IOException {
    if (length > BUFFER - buffered) {
      drain();
    }
    if (length >= BUFFER) {
      out.write(bytes, from, length);
      written += length;
    } else {
      System.arraycopy(bytes, from, buffer, buffered, length);
      buffered += length;
    }
  }

  private void drain() throws IOException {
    if (buffered > 0) {
      out.write(buffer, 0, buffered);
      written += buffered;
      buffered = 0;
    }
  }

  @Override
  public synchronized boolean isThere() throws IOException {
    Segment now = published;
    return now == null ? open : now.isThere();
  }

  @Override
  public synchronized boolean isBeingWritten() {
    return published == null;
  }

  @Override
  public boolean distrust(Entry entry) {
    Segment now;
    synchronized (this) {
      now = published;
    }
    return now != null && now.distrust(entry);
  }

  @Override
  public void read(Entry entry, long from, ByteBuffer target) throws IOException {
    Segment now;
    synchronized (this) {
      now = published;
      if (now == null) {
        readBack(entry.offset() + from, target);
      }
    }
    if (now != null) {
      now.read(entry, from, target);
    }
  }

  /** Reads back what was appended. */
  private void readBack(long offset, ByteBuffer target) throws IOException {
    if (!open) {
      throw new IOException("the transaction that wrote " + file + " is closed");
    }
    int inFile = (int) Math.max(0, Math.min(target.remaining(), written - offset));
    if (inFile > 0) {
      int limit = target.limit();
      readFile(offset, target.limit(target.position() + inFile));
      target.limit(limit);
    }
    int rest = target.remaining();
    if (rest > 0) {
      target.put(buffer, (int) (offset + inFile - written), rest);
    }
  }

  private void readFile(long offset, ByteBuffer target) throws IOException {
    Filesystem.Window window = readBack;
    if (window == null || window.size() < offset + target.remaining()) {
      forgetReadBack();
      window = files.open(file);
      readBack = window;
    }
    try {
      window.read(offset, target);
    } catch (EOFException e) {
      throw new StoreException.Corrupt(file.value(), "it is shorter than what was written");
    }
  }

  private void forgetReadBack() throws IOException {
    Filesystem.Window window = readBack;
    readBack = null;
    if (window != null) {
      window.close();
    }
  }

  /**
   * Ends the file with its footer, makes its bytes durable and read-only.
   *
   * @return the name it is to have
   */
  synchronized RelPath seal() throws IOException {
    byte[] nonce = new byte[SegmentFormat.NONCE];
    synchronized (CHANCE) {
      CHANCE.nextBytes(nonce);
    }
    SegmentFormat.Footer footer = SegmentFormat.footer(entries, purpose, position(), nonce);
    drain();
    out.write(footer.bytes().array(), 0, footer.bytes().limit());
    out.close();
    files.sync(file);
    files.makeReadOnly(file);
    return purpose.file(footer.hash());
  }

  /** From now on the bytes are read where they were moved to. */
  synchronized void publishedAs(Segment segment) throws IOException {
    published = segment;
    close();
  }

  /** Ends reading back; the file is left where it is. */
  @Override
  public synchronized void close() throws IOException {
    open = false;
    try (OutputStream last = out) {
      forgetReadBack();
    }
  }

  /** Removes the file, unless it has its name already. */
  synchronized void discard() throws IOException {
    try {
      close();
    } finally {
      if (files.stat(file).isPresent()) {
        files.delete(file);
      }
    }
  }

  @Override
  public String toString() {
    return file.value();
  }
}
