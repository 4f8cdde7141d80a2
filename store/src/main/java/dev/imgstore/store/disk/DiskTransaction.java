package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Cutter;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Blobs on their way into segments. What is held already, in the store or in this transaction, is
 * not stored again.
 *
 * <p>Law 3: what is found in the store is leased before this says so, and a segment before it gets
 * its name, so that no collection takes what a generation is about to name.
 *
 * <p>Laws 2 and 6: {@link #flush} ends every open segment, syncs it, makes it read-only, moves it
 * to {@code segments/} and syncs that directory, metadata after all else; if something was found
 * there which another process may have moved without a sync, the directory is synced for it too.
 * Before that nothing is visible, and a crash leaves files in {@code tmp/} only. After an error in
 * writing the transaction refuses everything but {@link #close}.
 */
final class DiskTransaction implements Transaction {
  /** A verbatim blob up to this size is appended whole, a longer one streams to its own segment. */
  private static final int SPOOL = 4 << 20;

  /** Bytes of a blob that is being cut in memory; more than one chunk, to move them rarely. */
  private static final int READ_AHEAD = 4 * Cutter.MAX;

  private static final int STREAM_BUFFER = 256 << 10;

  /** Bytes of a stream after which the disk is told to begin writing: less is left for the end. */
  private static final int SYNC_EVERY = 32 << 20;

  private final DiskSegments segments;
  private final Leases leases;
  private final Pending pending;
  private final ConcurrentLinkedQueue<Buffers> spare = new ConcurrentLinkedQueue<>();
  private final Object flushing = new Object();
  private final DiskBlobReader reader;
  private volatile @Nullable Exception broken;
  private volatile boolean found;

  DiskTransaction(Filesystem files, Scratch scratch, DiskSegments segments, Leases leases) {
    this.segments = segments;
    this.leases = leases;
    this.pending = new Pending(files, scratch);
    this.reader = new DiskBlobReader(new Here(), new Parts());
  }

  /** What a thread needs to read and to compress; reused. */
  private static final class Buffers {
    final byte[] plain = new byte[READ_AHEAD];
    final byte[] frame = new byte[Frames.bound(Cutter.MAX)];
  }

  /** Finds what is pending, then what is sealed, which it leases. */
  private final class Here extends Parts {
    @Override
    Optional<Located> findSealed(Digest blob, Wanted wanted) throws IOException {
      return leased(blob, () -> super.findSealed(blob, wanted));
    }

    @Override
    Located getSealed(Digest blob, Wanted wanted) throws IOException {
      return leased(blob, () -> Optional.of(super.getSealed(blob, wanted)))
          .orElseThrow(() -> absent(blob));
    }
  }

  /** Finds what is pending, then what is sealed: the parts of a list that is leased with them. */
  private class Parts implements Lookup {
    @Override
    public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
      checkUsable();
      Optional<Located> mine = pending.find(blob, wanted);
      return mine.isPresent() ? mine : findSealed(blob, wanted);
    }

    @Override
    public Located get(Digest blob, Wanted wanted) throws IOException {
      checkUsable();
      Optional<Located> mine = pending.find(blob, wanted);
      return mine.isPresent() ? mine.get() : getSealed(blob, wanted);
    }

    Optional<Located> findSealed(Digest blob, Wanted wanted) throws IOException {
      return segments.find(blob, wanted);
    }

    Located getSealed(Digest blob, Wanted wanted) throws IOException {
      return segments.get(blob, wanted);
    }

    @Override
    public StoreException absent(Digest blob) {
      return segments.absent(blob);
    }

    @Override
    public long doubts() {
      return segments.doubts();
    }
  }

  /** Finds what is sealed, and leases it before anybody is told (law 3). */
  private Optional<Located> leased(Digest blob, Leases.Search search) throws IOException {
    Optional<Located> there = leases.find(blob, search);
    if (there.isPresent()) {
      found = true;
    }
    return there;
  }

  /** For "already there": what was sealed this instant may be missed, which stores it twice. */
  private Optional<Located> findQuickly(Digest blob, Wanted wanted) throws IOException {
    Optional<Located> mine = pending.find(blob, wanted);
    return mine.isPresent() ? mine : leased(blob, () -> segments.findKnown(blob, wanted));
  }

  /** True if the blob need not be stored: a list of parts that are gone is not the blob. */
  private boolean isHeld(Digest blob) throws IOException {
    Optional<Located> there = findQuickly(blob, Wanted.ANY);
    return there.isPresent() && (!there.get().entry().form().isList() || reader.has(blob));
  }

  private void checkUsable() throws IOException {
    Exception why = broken;
    if (why != null) {
      throw new IOException("nothing more can be stored after: " + why.getMessage(), why);
    }
  }

  /** Something that writes; its failure ends the transaction. */
  private interface Writing<T> {
    T run() throws IOException;
  }

  private <T> T writing(Writing<T> action) throws IOException {
    checkUsable();
    try {
      return action.run();
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    } catch (IOException e) {
      broken = e;
      throw new IOException(
          "the store could not be written: " + e.getMessage() + "; nothing of this is kept", e);
    }
  }

  private Buffers take() {
    Buffers some = spare.poll();
    return some != null ? some : new Buffers();
  }

  @Override
  public boolean has(Digest blob) throws IOException {
    return reader.has(blob);
  }

  @Override
  public long size(Digest blob) throws IOException {
    return reader.size(blob);
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return reader.open(blob);
  }

  @Override
  public InputStream open(Digest blob, long from, long length) throws IOException {
    return reader.open(blob, from, length);
  }

  @Override
  public byte[] read(Digest blob, int limit) throws IOException {
    return reader.read(blob, limit);
  }

  @Override
  public Digest put(InputStream bytes) throws IOException {
    Buffers buffers = take();
    try {
      int head = bytes.readNBytes(buffers.plain, 0, READ_AHEAD);
      return head <= Cutter.MAX
          ? putChunk(buffers, buffers.plain, 0, head)
          : putLarge(buffers, head, bytes);
    } finally {
      spare.add(buffers);
    }
  }

  /** Kept as it is: little, and a command that only reads records need not load a compressor. */
  @Override
  public Digest putMetadata(byte[] bytes) throws IOException {
    Digest digest = Digest.of(bytes);
    putWhole(Purpose.METADATA, digest, bytes);
    return digest;
  }

  private void putWhole(Purpose purpose, Digest digest, byte[] bytes) throws IOException {
    checkUsable();
    if (!isHeld(digest)) {
      int length = bytes.length;
      writing(() -> pending.append(purpose, digest, Form.VERBATIM, 0, bytes, length, length));
    }
  }

  @Override
  public Digest put(byte[] bytes) throws IOException {
    if (bytes.length > Cutter.MAX) {
      return put(new ByteArrayInputStream(bytes));
    }
    Buffers buffers = take();
    try {
      return putChunk(buffers, bytes, 0, bytes.length);
    } finally {
      spare.add(buffers);
    }
  }

  private Digest putChunk(Buffers buffers, byte[] bytes, int from, int length) throws IOException {
    Digest digest = Digest.of(bytes, from, length);
    if (findQuickly(digest, Wanted.FRAME).isEmpty()) {
      putFrame(buffers, digest, bytes, from, length);
    }
    checkUsable();
    return digest;
  }

  private Located putFrame(Buffers buffers, Digest digest, byte[] bytes, int from, int length)
      throws IOException {
    int stored = Frames.encode(bytes, from, length, buffers.frame);
    return writing(
        () ->
            pending.append(
                Purpose.CONTENT,
                digest,
                Form.FRAME,
                Frames.ENCODER,
                buffers.frame,
                stored,
                length));
  }

  /** Cuts while reading, with a few chunks in memory. */
  private Digest putLarge(Buffers buffers, int head, InputStream rest) throws IOException {
    byte[] window = buffers.plain;
    MessageDigest whole = Digest.sha256();
    PartList.Builder parts = new PartList.Builder();
    int from = 0;
    int to = head;
    while (true) {
      if (to - from < Cutter.MAX) {
        System.arraycopy(window, from, window, 0, to - from);
        to -= from;
        from = 0;
        to += rest.readNBytes(window, to, window.length - to);
      }
      if (from == to) {
        break;
      }
      int length = Cutter.cut(window, from, to);
      whole.update(window, from, length);
      parts.add(putChunk(buffers, window, from, length), length);
      from += length;
    }
    Digest digest = Digest.fromRaw(whole.digest());
    putList(digest, Form.CHUNKED, Cutter.VERSION, parts);
    return digest;
  }

  private void putList(Digest digest, Form form, int variant, PartList.Builder parts)
      throws IOException {
    Wanted same = (other, others) -> other == form && others == variant;
    if (findQuickly(digest, same).isEmpty()) {
      writing(
          () ->
              pending.append(
                  Purpose.METADATA,
                  digest,
                  form,
                  variant,
                  parts.bytes(),
                  parts.length(),
                  parts.total()));
    }
  }

  @Override
  public Digest putVerbatim(InputStream bytes) throws IOException {
    return putVerbatim(bytes, found -> true);
  }

  @Override
  public Digest putVerbatim(InputStream bytes, Digest wanted) throws IOException {
    return putVerbatim(bytes, wanted::equals);
  }

  private Digest putVerbatim(InputStream bytes, Predicate<Digest> wanted) throws IOException {
    checkUsable();
    byte[] head = head(bytes);
    if (head.length == SPOOL) {
      return stream(head, bytes, wanted);
    }
    Digest digest = Digest.of(head);
    if (wanted.test(digest)) {
      putWhole(Purpose.VERBATIM, digest, head);
    }
    return digest;
  }

  /** All of what is shorter, read in large pieces, which a stream's own method does not. */
  private static byte[] head(InputStream bytes) throws IOException {
    byte[] some = new byte[STREAM_BUFFER];
    int length = bytes.readNBytes(some, 0, STREAM_BUFFER);
    if (length == STREAM_BUFFER) {
      some = Arrays.copyOf(some, SPOOL);
      length += bytes.readNBytes(some, length, SPOOL - length);
    }
    return length == some.length ? some : Arrays.copyOf(some, length);
  }

  /** The body goes to a segment of its own thread and is taken back if it is not needed. */
  private Digest stream(byte[] head, InputStream rest, Predicate<Digest> wanted)
      throws IOException {
    MessageDigest hash = Digest.sha256();
    SegmentWriter writer = writing(pending::takeStream);
    SegmentWriter.Body body = writer.begin();
    Entry added = null;
    try {
      byte[] buffer = new byte[STREAM_BUFFER];
      byte[] some = head;
      for (int length = head.length;
          length > 0;
          length = rest.readNBytes(buffer, 0, STREAM_BUFFER)) {
        byte[] now = some;
        int count = length;
        hash.update(now, 0, count);
        writing(
            () -> {
              body.write(now, count);
              if (body.length() / SYNC_EVERY != (body.length() - count) / SYNC_EVERY) {
                body.sync();
              }
              return count;
            });
        some = buffer;
      }
      Digest digest = Digest.fromRaw(hash.digest());
      if (wanted.test(digest) && !isHeld(digest)) {
        added = body.end(digest);
      }
      return digest;
    } finally {
      if (added == null && broken == null) {
        writing(
            () -> {
              body.undo();
              return true;
            });
      }
      pending.giveBack(writer, added);
    }
  }

  @Override
  public List<Chunk> chunks(Digest blob) throws IOException {
    Lookup here = new Here();
    Optional<Located> cut = here.find(blob, Wanted.OUR_CUT);
    if (cut.isEmpty() || !reader.isWhole(cut.get())) {
      try (InputStream bytes = reader.open(blob)) {
        put(bytes);
      }
      cut = here.find(blob, Wanted.OUR_CUT);
    }
    Located located = cut.orElseThrow(() -> new AssertionError(blob));
    if (located.entry().form() == Form.FRAME) {
      return List.of(new Chunk(blob, (int) located.entry().plain()));
    }
    PartList parts = new PartList(located);
    List<Chunk> chunks = new ArrayList<>();
    while (parts.hasNext()) {
      PartList.Part part = parts.next();
      chunks.add(new Chunk(part.digest(), part.size()));
    }
    return chunks;
  }

  @Override
  public byte[] frame(Digest chunk) throws IOException {
    while (true) {
      Located ours = ourFrame(chunk);
      try {
        return ours.frame();
      } catch (StoreException.Corrupt e) {
        if (!ours.distrust()) {
          throw e;
        }
      }
    }
  }

  /** The frame of today's encoder, made now if another one made what is held. */
  private Located ourFrame(Digest chunk) throws IOException {
    Lookup here = new Here();
    Optional<Located> ours = here.find(chunk, Wanted.OUR_FRAME);
    if (ours.isPresent()) {
      return ours.get();
    }
    byte[] plain = reader.read(chunk, Frames.MAX_PLAIN);
    return putFrame(new Buffers(), chunk, plain, 0, plain.length);
  }

  @Override
  public void putStitched(Digest blob, long size, List<Digest> chunks) throws IOException {
    if (isHeld(blob)) {
      return;
    }
    PartList.Builder parts = new PartList.Builder();
    for (Digest each : chunks) {
      parts.add(each, (int) ourFrame(each).entry().stored());
    }
    if (parts.total() != size) {
      throw new IllegalArgumentException(
          blob + " is said to have " + size + " bytes; its frames have " + parts.total());
    }
    putList(blob, Form.STITCHED, Frames.ENCODER, parts);
  }

  /** True if a form that is wanted is known to be here. */
  boolean hasNow(Digest blob, Wanted wanted) throws IOException {
    return findQuickly(blob, wanted).isPresent();
  }

  /** Stores a body as another store has it; the caller has verified it, parts of a list too. */
  void adopt(Purpose purpose, Entry entry, byte[] body, int length) throws IOException {
    Wanted same = (form, variant) -> form == entry.form() && variant == entry.variant();
    if (!hasNow(entry.digest(), same)) {
      writing(
          () ->
              pending.append(
                  purpose,
                  entry.digest(),
                  entry.form(),
                  entry.variant(),
                  body,
                  length,
                  entry.plain()));
    }
  }

  /** Finds what is here, as {@link #open} does, but leases nothing. */
  Lookup lookup() {
    return new Parts();
  }

  @Override
  public void flush() throws IOException {
    synchronized (flushing) {
      List<SegmentWriter> taken = pending.takeAll();
      writing(
          () -> {
            Map<SegmentWriter, RelPath> sealed = pending.seal(taken);
            if (found) {
              found = false;
              segments.makeDurable();
            }
            leases.publish(sealed.values());
            segments.publish(sealed);
            pending.forget(sealed.keySet());
            return sealed;
          });
      if (!taken.isEmpty()) {
        segments.tidy();
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (flushing) {
      if (broken == null) {
        broken = new IOException("the transaction is closed");
      }
      pending.discard();
      spare.clear();
    }
  }
}
