package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.BadPack;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A pack that came, in {@code tmp/}: read like a segment, and nothing in it is believed. It is gone
 * when this is closed. Safe for many threads.
 */
final class PackFile implements Place, Closeable {
  /** Largest tree, record or manifest: such a one is read whole. */
  static final long MAX_NAMING = 64L << 20;

  private static final int BUFFER = 64 << 10;

  private final Filesystem files;
  private final RelPath file;
  private final String name;
  private final Filesystem.Window window;
  private final SegmentFormat.Trailer trailer;
  private final Purpose purpose;
  private final Set<Long> distrusted = ConcurrentHashMap.newKeySet();

  private PackFile(Filesystem files, RelPath file, String name) throws IOException {
    this.files = files;
    this.file = file;
    this.name = name;
    this.window = files.open(file);
    try {
      this.trailer = trailer();
      this.purpose =
          Purpose.of(trailer.purpose()).orElseThrow(() -> bad("has bodies of no known purpose"));
    } catch (IOException | RuntimeException e) {
      window.close();
      throw e;
    }
  }

  /**
   * Writes the file and looks at its ends.
   *
   * @throws BadPack if the stream has another size, or this is no segment
   */
  static PackFile receive(Filesystem files, RelPath file, String name, InputStream in, long size)
      throws IOException {
    try (OutputStream out = files.create(file)) {
      spool(in, out, size, name);
    } catch (IOException | RuntimeException e) {
      files.delete(file);
      throw e;
    }
    try {
      return new PackFile(files, file, name);
    } catch (IOException | RuntimeException e) {
      files.delete(file);
      throw e;
    }
  }

  private static void spool(InputStream in, OutputStream out, long size, String name)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = size;
    while (true) {
      int length = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left + 1));
      if (length > left || (length == 0 && left > 0)) {
        throw new BadPack(
            "the pack "
                + name
                + (length == 0 ? " ends after " + (size - left) : " has more than its " + size)
                + " bytes"
                + (length == 0 ? " of " + size : ""));
      }
      if (length == 0) {
        return;
      }
      out.write(buffer, 0, length);
      left -= length;
    }
  }

  private SegmentFormat.Trailer trailer() throws IOException {
    long size = window.size();
    if (size < SegmentFormat.HEADER + SegmentFormat.TRAILER) {
      throw bad("has only " + size + " bytes");
    }
    if (!SegmentFormat.isHeader(raw(0, SegmentFormat.HEADER).array())) {
      throw bad("begins like no segment that this version knows");
    }
    try {
      return SegmentFormat.trailer(raw(size - SegmentFormat.TRAILER, SegmentFormat.TRAILER), size);
    } catch (IllegalArgumentException e) {
      throw bad("is no segment: " + e.getMessage());
    }
  }

  private ByteBuffer raw(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    window.read(offset, bytes);
    return bytes.flip();
  }

  Purpose purpose() {
    return purpose;
  }

  /** A form of this blob that is wanted and was not found wrong. */
  Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
    ByteBuffer digest = ByteBuffer.wrap(blob.raw());
    FooterSearch search = new FooterSearch(this::raw, trailer);
    for (int i = search.first(digest); i < trailer.count() && search.isAt(i, digest); i++) {
      Entry entry = entry(search.entry(i));
      if (wanted.accepts(entry.form(), entry.variant()) && !distrusted.contains(entry.offset())) {
        return Optional.of(checked(new Located(this, entry)));
      }
    }
    return Optional.empty();
  }

  private Entry entry(ByteBuffer raw) throws BadPack {
    try {
      return Entry.read(raw, 0, trailer.footerOffset());
    } catch (IllegalArgumentException e) {
      throw bad("has an " + e.getMessage());
    }
  }

  private Located checked(Located found) throws IOException {
    long size = found.entry().plain();
    if (found.entry().form() == Form.VERBATIM
        && size > MAX_NAMING
        && (purpose == Purpose.METADATA || StoreCopy.isTree(found))) {
      throw bad("has a document or tree of " + size + " bytes; at most " + MAX_NAMING);
    }
    if (found.entry().form().isList() && found.entry().stored() > MAX_NAMING) {
      throw bad("has a list of " + found.entry().stored() + " bytes; at most " + MAX_NAMING);
    }
    return found;
  }

  @Override
  public void read(Entry entry, long from, ByteBuffer target) throws IOException {
    try {
      window.read(entry.offset() + from, target);
    } catch (EOFException e) {
      throw new StoreException.Corrupt(toString(), "it ends too early");
    }
  }

  @Override
  public boolean isThere() {
    return true;
  }

  @Override
  public boolean distrust(Entry entry) {
    return distrusted.add(entry.offset());
  }

  /** True if something in it was found wrong. */
  boolean hasLied() {
    return !distrusted.isEmpty();
  }

  BadPack bad(String what) {
    return new BadPack("the pack " + name + " " + what);
  }

  @Override
  public void close() throws IOException {
    try (window) {
      if (files.stat(file).isPresent()) { // the store may be closed, and then it is gone
        files.delete(file);
      }
    }
  }

  @Override
  public String toString() {
    return "the pack " + name;
  }
}
