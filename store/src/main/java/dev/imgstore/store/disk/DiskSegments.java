package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sealed segments of a store. There is no list of them: a sealed name in {@code segments/} is
 * live, and duplicates are harmless. A digest is searched in one footer after the other, metadata
 * first; what is not found is searched again after listing the directory anew if that has changed,
 * because another process may have sealed a segment or moved a blob to another one meanwhile. Safe
 * for many threads.
 */
final class DiskSegments implements Lookup, Closeable {
  /** How often the segments may change during one search before it gives up. */
  private static final int PATIENCE = 16;

  private final Filesystem files;
  private final Windows windows;
  private final Gate gate;
  private volatile Listing listing = Listing.NONE;

  /** Counts names that were seen or made, and how many of them the disk was told to keep. */
  private final AtomicLong seen = new AtomicLong();

  private volatile long durable;
  private final AtomicLong doubts = new AtomicLong();

  DiskSegments(Filesystem files, Gate gate) {
    this.files = files;
    this.gate = gate;
    this.windows = new Windows(files);
  }

  Windows windows() {
    return windows;
  }

  /**
   * What the directory held.
   *
   * @param segments by name, metadata first
   * @param version of the directory, if it can be compared
   */
  private record Listing(List<Segment> segments, Optional<Long> version) {
    static final Listing NONE = new Listing(List.of(), Optional.empty());

    Map<RelPath, Segment> byName() {
      Map<RelPath, Segment> known = new HashMap<>();
      for (Segment each : segments) {
        known.put(each.file(), each);
      }
      return known;
    }
  }

  /** All sealed segments there are now, sorted by name, metadata first. */
  synchronized List<Segment> refresh() throws IOException {
    Optional<Long> version = files.version(Purpose.DIRECTORY);
    Map<RelPath, Segment> known = listing.byName();
    List<Segment> metadata = new ArrayList<>();
    List<Segment> others = new ArrayList<>();
    for (RelPath file : files.list(Purpose.DIRECTORY)) {
      Optional<Purpose> purpose = Purpose.of(file);
      if (purpose.isPresent()) {
        Segment segment = known.get(file);
        if (segment == null) {
          segment = new Segment(this, file);
          seen.incrementAndGet();
        }
        (purpose.get() == Purpose.METADATA ? metadata : others).add(segment);
      }
    }
    metadata.addAll(others);
    boolean quiet = version.isPresent() && version.equals(files.version(Purpose.DIRECTORY));
    listing = new Listing(List.copyOf(metadata), quiet ? version : Optional.empty());
    return listing.segments();
  }

  /** Lists anew unless it is certain that nothing has changed; true if nothing has. */
  private synchronized boolean isUnchanged() throws IOException {
    Listing before = listing;
    if (before.version().isPresent() && before.version().equals(files.version(Purpose.DIRECTORY))) {
      return true;
    }
    return refresh().equals(before.segments());
  }

  /** Lists the segments unless that has been done and nothing has changed since. */
  void open() throws IOException {
    isUnchanged();
  }

  @Override
  public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
    Search search = new Search(blob, wanted);
    boolean twice = false;
    for (int i = 0; i < PATIENCE; i++) {
      Optional<Located> found = search.in(listing.segments());
      if (found.isPresent()) {
        return found;
      }
      boolean same = isUnchanged() && !search.lost();
      // a listing may miss a file made during it, in place of one removed before; two do not
      if (same && (twice || listing.version().isPresent())) {
        break;
      }
      twice = same;
    }
    return Optional.empty();
  }

  /** As {@link #find}, among the segments known now: cheap, and misses what was sealed just now. */
  Optional<Located> findKnown(Digest blob, Wanted wanted) throws IOException {
    return new Search(blob, wanted).in(listing.segments());
  }

  /** One search, which looks at no segment twice. */
  private static final class Search {
    private final ByteBuffer digest;
    private final Wanted wanted;
    private final Set<Segment> searched = new HashSet<>();
    private boolean lost;

    Search(Digest blob, Wanted wanted) {
      this.digest = ByteBuffer.wrap(blob.raw());
      this.wanted = wanted;
    }

    Optional<Located> in(List<Segment> segments) throws IOException {
      for (Segment each : segments) {
        if (!searched.isEmpty() && searched.contains(each)) {
          continue;
        }
        Optional<Located> found = in(each);
        if (found.isPresent()) {
          return found;
        }
      }
      searched.addAll(segments);
      return Optional.empty();
    }

    private Optional<Located> in(Segment segment) throws IOException {
      try {
        Optional<Located> found = segment.find(digest, wanted);
        if (found.isPresent() && !segment.isThere()) {
          lost = true; // a collection has removed it, and moved what was alive elsewhere
          return Optional.empty();
        }
        return found;
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (NoSuchFileException e) {
        lost = true;
        return Optional.empty();
      } catch (IOException e) {
        return Optional.empty(); // another may hold it; if none does, absent() says what is damaged
      }
    }

    /** True if a segment was gone since this was asked last. */
    boolean lost() {
      boolean was = lost;
      lost = false;
      return was;
    }
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
    for (Segment each : listing.segments()) {
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
    long now = seen.get();
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
    seen.incrementAndGet();
    writer.publishedAs(add(name));
  }

  /** Knows a segment that was moved to its name just now. */
  private synchronized Segment add(RelPath name) {
    Segment segment = new Segment(this, name);
    List<Segment> more = new ArrayList<>(listing.segments());
    more.add(segment);
    listing = new Listing(List.copyOf(more), Optional.empty());
    return segment;
  }

  @Override
  public void close() throws IOException {
    windows.close();
  }
}
