package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sealed segments of a store. There is no list of them: a sealed name in {@code segments/} is
 * live, and duplicates are harmless. A digest is searched in one footer after the other, metadata
 * first; what is not found is searched again after listing the directory anew, because another
 * process may have sealed a segment meanwhile. (A merged index would stand here, in front of the
 * footers.) Safe for many threads.
 */
final class DiskSegments implements Lookup, Closeable {
  private final Filesystem files;
  private final Windows windows;
  private final Gate gate;
  private volatile List<Segment> segments = List.of();
  private volatile long listed = Gate.UNKNOWN;
  private final Set<RelPath> durable = new HashSet<>();

  DiskSegments(Filesystem files, Gate gate) {
    this.files = files;
    this.gate = gate;
    this.windows = new Windows(files);
  }

  /** All sealed segments there are now, sorted by name, metadata first. */
  synchronized List<Segment> refresh() throws IOException {
    Map<RelPath, Segment> known = new HashMap<>();
    for (Segment each : segments) {
      known.put(each.file(), each);
    }
    long number = gate.number(); // before the list: it is at least as new
    List<Segment> metadata = new ArrayList<>();
    List<Segment> others = new ArrayList<>();
    for (RelPath file : files.list(Purpose.DIRECTORY)) {
      Optional<Purpose> purpose = Purpose.of(file);
      if (purpose.isPresent()) {
        Segment segment = known.getOrDefault(file, new Segment(files, windows, file));
        (purpose.get() == Purpose.METADATA ? metadata : others).add(segment);
      }
    }
    metadata.addAll(others);
    segments = List.copyOf(metadata);
    listed = number;
    return segments;
  }

  /** The gate's number when the segments known now were listed, or before. */
  long listed() {
    return listed;
  }

  @Override
  public Optional<Located> find(Digest blob, Wanted wanted) throws IOException {
    ByteBuffer raw = ByteBuffer.wrap(blob.raw());
    List<Segment> seen = segments;
    Optional<Located> found = find(seen, raw, wanted);
    if (found.isPresent()) {
      return found;
    }
    List<Segment> fresh = new ArrayList<>(refresh());
    fresh.removeAll(new HashSet<>(seen));
    return find(fresh, raw, wanted);
  }

  /** As {@link #find}, among the segments known now: cheap, and misses what was sealed just now. */
  Optional<Located> findKnown(Digest blob, Wanted wanted) throws IOException {
    return find(segments, ByteBuffer.wrap(blob.raw()), wanted);
  }

  private static Optional<Located> find(List<Segment> among, ByteBuffer digest, Wanted wanted)
      throws IOException {
    for (Segment each : among) {
      Optional<Located> found = findIfReadable(each, digest, wanted);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Located> findIfReadable(Segment in, ByteBuffer digest, Wanted wanted)
      throws IOException {
    try {
      return in.find(digest, wanted);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return Optional.empty(); // another may hold it; if none does, absent() says what is damaged
    }
  }

  @Override
  public StoreException absent(Digest blob) {
    for (Segment each : segments) {
      try {
        each.find(ByteBuffer.wrap(blob.raw()), Wanted.ANY);
      } catch (IOException e) {
        String fault = "it cannot be read, and may hold " + blob + " (" + e.getMessage() + ")";
        return new StoreException.Corrupt(each.file().value(), fault);
      }
    }
    return new StoreException.MissingBlob(blob);
  }

  /**
   * Makes the names of all segments known now survive a power cut: whoever moved one there may have
   * died before saying so to the disk. Costs nothing if that is known already.
   */
  void makeDurable() throws IOException {
    Set<RelPath> listed = new HashSet<>();
    for (Segment each : segments) {
      listed.add(each.file());
    }
    synchronized (this) {
      if (durable.containsAll(listed)) {
        return;
      }
    }
    files.sync(Purpose.DIRECTORY);
    synchronized (this) {
      durable.addAll(listed);
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
      refresh();
      makeDurable();
    }
    for (Map.Entry<SegmentWriter, RelPath> each : sealed.entrySet()) {
      if (each.getKey().purpose() == Purpose.METADATA) {
        move(each.getKey(), each.getValue());
        refresh();
        makeDurable(); // each by itself: a later one may name what an earlier one holds
      }
    }
  }

  /** The name may be that of a damaged segment which this one heals: it is not durable any more. */
  private void move(SegmentWriter writer, RelPath name) throws IOException {
    synchronized (this) {
      durable.remove(name);
    }
    files.moveAtomically(writer.file(), name);
    writer.publishedAs(new Segment(files, windows, name));
  }

  @Override
  public void close() throws IOException {
    windows.close();
  }
}
