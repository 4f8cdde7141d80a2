package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sealed segments of a store. There is no list of them: a sealed name in {@code segments/} is
 * live, and duplicates are harmless. A digest is looked up in the merged index, then in one footer
 * after the other of the segments that the index does not cover, metadata first; what is not found
 * is searched again after listing the directory anew if that has changed, because another process
 * may have sealed a segment or moved a blob to another one meanwhile. Safe for many threads.
 */
final class DiskSegments implements Lookup, Closeable {
  /** How often the segments may change during one search before it gives up. */
  private static final int PATIENCE = 16;

  private final Filesystem files;
  private final Windows windows;
  private final Gate gate;
  private final SegmentDirectory directory;

  /** How many of the names that were seen the disk was told to keep. */
  private volatile long durable;

  private final AtomicLong doubts = new AtomicLong();
  private volatile boolean isCurrent;

  DiskSegments(Filesystem files, Gate gate, Scratch scratch) {
    this(files, gate, scratch, SegmentDirectory.Limits.USUAL);
  }

  DiskSegments(Filesystem files, Gate gate, Scratch scratch, SegmentDirectory.Limits limits) {
    this.files = files;
    this.gate = gate;
    this.windows = new Windows(files);
    this.directory = new SegmentDirectory(files, scratch, limits, this);
  }

  Windows windows() {
    return windows;
  }

  /** All sealed segments there are now, sorted by name, metadata first. */
  List<Segment> refresh() throws IOException {
    List<Segment> metadata = new ArrayList<>();
    List<Segment> others = new ArrayList<>();
    for (RelPath file : directory.list().names()) {
      boolean first = Purpose.of(file).filter(Purpose.METADATA::equals).isPresent();
      (first ? metadata : others).add(directory.segment(file));
    }
    metadata.addAll(others);
    return metadata;
  }

  /** The segment of this name. */
  Segment segment(RelPath file) {
    return directory.segment(file);
  }

  /** The next {@link #findKnown} knows all that was sealed before this call. */
  void begin() {
    isCurrent = false;
  }

  /** Merges what the index does not cover, if that is much. */
  void tidy() {
    directory.tidy();
  }

  /** Makes the index anew from the footers. */
  SegmentDirectory.View reindex() throws IOException {
    return directory.rebuild();
  }

  @Override
  public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
    Search search = new Search(directory, blob, wanted);
    boolean twice = false;
    for (int i = 0; i < PATIENCE; i++) {
      Optional<Located> found = search.in(directory.view());
      if (found.isPresent()) {
        return found;
      }
      boolean same = directory.isUnchanged() && !search.lost();
      // a listing may miss a file made during it, in place of one removed before; two do not
      if (same && (twice || directory.view().version().isPresent())) {
        break;
      }
      twice = same;
    }
    return Optional.empty();
  }

  /** As {@link #find}, but may miss what was sealed since {@link #begin}. */
  Optional<Located> findKnown(Digest blob, Wanted wanted) throws IOException {
    Search search = new Search(directory, blob, wanted);
    Optional<Located> found = search.in(directory.view());
    if (found.isPresent() || isCurrent) {
      return found;
    }
    directory.isUnchanged();
    isCurrent = true;
    return search.in(directory.view());
  }

  /** As {@link #find}; an index that hides the blob does not keep it from being found. */
  @Override
  public Located get(Digest blob, Wanted wanted) throws IOException {
    Optional<Located> found = find(blob, wanted);
    if (found.isEmpty()) {
      found = findInFooters(blob, wanted);
    }
    if (found.isEmpty()) {
      throw absent(blob);
    }
    return found.get();
  }

  private Optional<Located> findInFooters(Digest blob, Wanted wanted) throws IOException {
    Optional<BlobIndex> index = directory.view().index();
    if (index.isEmpty()) {
      return Optional.empty();
    }
    Optional<Located> found = new Search(directory, blob, wanted).inAll(refresh());
    if (found.isPresent()) {
      directory.distrust(index.get());
    }
    return found;
  }

  Gate gate() {
    return gate;
  }

  boolean exists(RelPath file) throws IOException {
    return files.stat(file).isPresent();
  }

  /** Where a body is now whose segment is gone. */
  Located moved(Entry entry) throws IOException {
    Wanted same = (form, variant) -> form == entry.form() && variant == entry.variant();
    Located now = get(entry.digest(), same);
    if (now.entry().stored() != entry.stored()) {
      throw now.corrupt("it has another length than elsewhere");
    }
    return now;
  }

  @Override
  public long doubts() {
    return doubts.get();
  }

  /** A body is distrusted from now on. */
  void doubt() {
    doubts.incrementAndGet();
  }

  @Override
  public StoreException absent(Digest blob) {
    for (Segment each : directory.all()) {
      Optional<StoreException> damage = damage(each, blob);
      if (damage.isPresent()) {
        return damage.get();
      }
    }
    return new StoreException.MissingBlob(blob);
  }

  private static Optional<StoreException> damage(Segment segment, Digest blob) {
    try {
      if (segment.holds(ByteBuffer.wrap(blob.raw()))) {
        String fault = "what was read was not what had been stored";
        return Optional.of(new StoreException.Corrupt(blob + " in " + segment, fault));
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty(); // gone since the search, in which it had no such blob
    } catch (IOException e) {
      String fault = "it cannot be read, and may hold " + blob + " (" + e.getMessage() + ")";
      return Optional.of(new StoreException.Corrupt(segment.file().value(), fault));
    }
  }

  /**
   * Makes the names of all segments seen so far survive a power cut: whoever moved one there may
   * have died before saying so to the disk. Costs nothing if that is known already.
   */
  void makeDurable() throws IOException {
    long now = directory.seen();
    if (durable < now) {
      files.sync(Purpose.DIRECTORY);
      synchronized (this) {
        durable = Math.max(durable, now);
      }
    }
  }

  /**
   * Gives sealed files their names: all but metadata first, made durable, then metadata in the
   * order it was written, so that no list, tree or record survives a power cut which what it names
   * does not (law 2).
   */
  void publish(Map<SegmentWriter, RelPath> sealed) throws IOException {
    boolean moved = false;
    for (Map.Entry<SegmentWriter, RelPath> each : sealed.entrySet()) {
      if (each.getKey().purpose() != Purpose.METADATA) {
        move(each.getKey(), each.getValue());
        moved = true;
      }
    }
    if (moved) {
      makeDurable();
    }
    for (Map.Entry<SegmentWriter, RelPath> each : sealed.entrySet()) {
      if (each.getKey().purpose() == Purpose.METADATA) {
        move(each.getKey(), each.getValue());
        makeDurable(); // each by itself: a later one may name what an earlier one holds
      }
    }
  }

  private void move(SegmentWriter writer, RelPath name) throws IOException {
    files.moveAtomically(writer.file(), name);
    writer.publishedAs(directory.add(name));
  }

  @Override
  public void close() throws IOException {
    try (windows) {
      directory.close();
    }
  }
}
