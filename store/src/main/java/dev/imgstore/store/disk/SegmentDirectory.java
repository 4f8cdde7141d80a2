package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of {@code segments/}: the merged index, which is read without a listing,
 * and, once the directory was listed, the segments that the index does not cover. When these are
 * many they are merged into a new index, which replaces the old one; nothing depends on that. Safe
 * for many threads.
 */
final class SegmentDirectory implements Closeable {
  private final Filesystem files;
  private final Limits limits;
  private final Scratch scratch;
  private final DiskSegments segments;
  private final Map<RelPath, Segment> objects = new ConcurrentHashMap<>();
  private final AtomicLong seen = new AtomicLong();
  private volatile @Nullable View known;
  private boolean mayMerge = true;

  /** Of an index that could not be read to its end. */
  private IndexFormat.@Nullable Header refused;

  /** Uncovered segments beyond those that no merge can cover. */
  private int stuck;

  SegmentDirectory(Filesystem files, Scratch scratch, Limits limits, DiskSegments segments) {
    this.files = files;
    this.scratch = scratch;
    this.limits = limits;
    this.segments = segments;
  }

  /**
   * How many segments may be uncovered.
   *
   * @param writer before one that has published merges them
   * @param reader before one that has to search them does
   */
  record Limits(int writer, int reader) {
    /** A search in one of them is a third of a microsecond, after reading its footer once. */
    static final Limits USUAL = new Limits(16, 128);
  }

  /**
   * What is known at one moment.
   *
   * @param names of all segments, in order; empty before the first listing
   * @param loose those that the index does not cover, metadata first
   * @param version of the directory, if it can be compared
   * @param gone number of covered segments that are not there
   */
  record View(
      Optional<BlobIndex> index,
      List<RelPath> names,
      List<Segment> loose,
      Optional<Long> version,
      boolean isListed,
      int gone) {
    /** Before the first listing. */
    static View unlisted(Optional<BlobIndex> index) {
      return new View(index, List.of(), List.of(), Optional.empty(), false, 0);
    }
  }

  /** What is known now; the first time that is what the index covers. */
  View view() {
    View now = known;
    return now == null ? openIndex() : now;
  }

  private synchronized View openIndex() {
    View now = known;
    if (now == null) {
      now = View.unlisted(openedIndex());
      seen.incrementAndGet();
      known = now;
    }
    return now;
  }

  private Optional<BlobIndex> openedIndex() {
    try {
      BlobIndex index = BlobIndex.open(files);
      if (!index.header().equals(refused)) {
        return Optional.of(index);
      }
      close(index);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // none, or a damaged one: all that it says is in the footers too
    }
  }

  /** The segment of this file; one object for each. */
  Segment segment(RelPath file) {
    return objects.computeIfAbsent(file, name -> new Segment(segments, name));
  }

  /** All segments known. */
  List<Segment> all() {
    View now = view();
    Map<RelPath, Segment> all = new TreeMap<>();
    now.names().forEach(file -> all.put(file, segment(file)));
    now.loose().forEach(each -> all.put(each.file(), each));
    return List.copyOf(all.values());
  }

  /** Counts names that were seen; when it grows, some may not be durable. */
  long seen() {
    return seen.get();
  }

  /** Lists anew unless it is certain that nothing has changed; true if nothing has. */
  synchronized boolean isUnchanged() throws IOException {
    View before = view();
    if (before.isListed()
        && before.version().isPresent()
        && before.version().equals(files.version(Purpose.DIRECTORY))) {
      return true;
    }
    return list().names().equals(before.names()) && before.isListed();
  }

  /** Lists the segments. */
  synchronized View list() throws IOException {
    Optional<Long> version = files.version(Purpose.DIRECTORY);
    List<RelPath> names = new ArrayList<>();
    for (RelPath file : files.list(Purpose.DIRECTORY)) {
      if (Purpose.of(file).isPresent()) {
        names.add(file);
      }
    }
    boolean quiet = version.isPresent() && version.equals(files.version(Purpose.DIRECTORY));
    View before = view();
    if (!names.equals(before.names())) {
      seen.incrementAndGet();
    }
    if (objects.size() > names.size()) {
      objects.keySet().retainAll(new HashSet<>(names)); // a list would be searched for each
    }
    Optional<Long> settled = quiet ? version : Optional.empty();
    View now = view(before.index(), names, settled);
    known = now;
    if (now.loose().size() > limits.writer() && isReplaced(before.index())) {
      replaceIndex(openedIndex());
    }
    if (view().loose().size() - stuck > limits.reader()) {
      merge();
    }
    return view();
  }

  private View view(Optional<BlobIndex> index, List<RelPath> names, Optional<Long> version) {
    BitSet covered = new BitSet();
    List<RelPath> uncovered = index.isPresent() ? index.get().uncovered(names, covered) : names;
    List<Segment> loose = new ArrayList<>();
    List<Segment> others = new ArrayList<>();
    for (RelPath each : uncovered) {
      boolean metadata = Purpose.of(each).filter(Purpose.METADATA::equals).isPresent();
      (metadata ? loose : others).add(segment(each));
    }
    loose.addAll(others);
    int gone = index.map(BlobIndex::segments).orElse(0) - covered.cardinality();
    return new View(index, List.copyOf(names), List.copyOf(loose), version, true, gone);
  }

  private boolean isReplaced(Optional<BlobIndex> index) {
    try {
      return index.isEmpty() || index.get().isReplaced(files);
    } catch (IOException e) {
      return false;
    }
  }

  private void replaceIndex(Optional<BlobIndex> index) {
    View before = view();
    known = view(index, before.names(), before.version());
    before.index().ifPresent(SegmentDirectory::close);
  }

  /** Whoever reads it meanwhile goes on with the next. */
  private static void close(BlobIndex index) {
    try {
      index.close();
    } catch (IOException e) {
      return; // it was only read
    }
  }

  /** An index that cannot be read is not asked again. */
  synchronized void distrust(BlobIndex index) throws IOException {
    if (view().index().filter(index::equals).isPresent()) {
      refused = index.header();
      known = View.unlisted(Optional.empty());
      close(index);
      list();
    }
  }

  /** Knows a segment that was moved to its name just now. */
  synchronized Segment add(RelPath name) {
    seen.incrementAndGet();
    View before = view();
    List<Segment> loose = new ArrayList<>(before.loose());
    loose.add(segment(name));
    known =
        new View(
            before.index(),
            before.names(),
            List.copyOf(loose),
            Optional.empty(),
            before.isListed(),
            before.gone());
    return segment(name);
  }

  /** Merges uncovered segments into the index if they are many. */
  synchronized void tidy() {
    if (isUntidy() && mayMerge) {
      try {
        list(); // another process may have done it
      } catch (IOException e) {
        return; // the next one may
      }
      if (isUntidy()) {
        merge();
      }
    }
  }

  private boolean isUntidy() {
    View now = view();
    int covered = now.index().map(BlobIndex::segments).orElse(0);
    return now.loose().size() - stuck > limits.writer()
        || now.gone() > limits.writer() + covered / 4;
  }

  private void merge() {
    if (!mayMerge) {
      return;
    }
    try {
      mergeAll();
    } catch (NoSuchFileException e) {
      return; // a collection has just removed a segment; the next time it is not listed
    } catch (IOException e) {
      mayMerge = false; // this user may not, or the disk is full: searches are slower, and right
    }
    stuck = view().loose().size();
  }

  /** Makes the index of all that is listed, from the footers alone. */
  synchronized View rebuild() throws IOException {
    list();
    replaceIndex(Optional.empty());
    mergeAll();
    stuck = view().loose().size();
    return view();
  }

  private void mergeAll() throws IOException {
    boolean done;
    do {
      done = mergeSome();
    } while (!done);
  }

  /** True if that was all. */
  private boolean mergeSome() throws IOException {
    View now = view();
    BitSet stay = new BitSet();
    if (now.index().isPresent()) {
      now.index().get().uncovered(now.names(), stay);
    }
    IndexMerge merge = new IndexMerge(now.index(), stay, now.loose());
    files.makeDirectoriesLoosely(BlobIndex.DIRECTORY);
    RelPath file = scratch.newFile();
    boolean moved = false;
    try {
      merge.write(files, file);
      files.moveAtomically(file, BlobIndex.FILE);
      moved = true;
    } finally {
      if (!moved && files.stat(file).isPresent()) {
        files.delete(file);
      }
    }
    refused = null;
    replaceIndex(Optional.of(BlobIndex.open(files)));
    return merge.isComplete();
  }

  @Override
  public synchronized void close() throws IOException {
    View now = known;
    if (now != null) {
      now.index().ifPresent(SegmentDirectory::close);
    }
  }
}
