package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.Packs;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Staged;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.ExecutorService;

/** The blobs of a store: {@code segments/}, and what this process writes in {@code tmp/}. */
final class DiskBlobs implements Closeable {
  /** Made with the store. */
  static final RelPath DIRECTORY = Purpose.DIRECTORY;

  private final Filesystem files;
  private final DiskSegments segments;
  private final Scratch scratch;
  private final Gate gate;
  private final Leases leases;

  DiskBlobs(Filesystem files) {
    this(files, SegmentDirectory.Limits.USUAL);
  }

  DiskBlobs(Filesystem files, SegmentDirectory.Limits limits) {
    this.files = files;
    this.gate = new Gate(files);
    this.scratch = new Scratch(files);
    this.segments = new DiskSegments(files, gate, scratch, limits);
    this.leases = new Leases(files, scratch, gate);
  }

  /** Reads what is sealed. */
  BlobReader reader() {
    return new DiskBlobReader(segments, segments);
  }

  /** A new transaction, which writes nothing before something new is put. */
  DiskTransaction begin() throws IOException {
    segments.begin();
    return new DiskTransaction(files, scratch, segments, leases);
  }

  /** Room for bytes without a name. */
  Staged stage() {
    return new DiskStaged(files, scratch);
  }

  /**
   * Leases a blob and all it reaches until this is closed.
   *
   * @return false if it is not held
   */
  boolean lease(Digest blob) throws IOException {
    return leases.find(blob, () -> segments.find(blob, Wanted.ANY)).isPresent();
  }

  /** What is sealed here, as packs; and packs that come. */
  Packs packs() {
    return new DiskPacks(files, scratch, segments);
  }

  /** Copies what is sealed here. */
  StoreCopy copyTo(DiskTransaction target) {
    return new StoreCopy(segments, target);
  }

  /** Looks at all there is, for a collection. */
  Survey survey(Roots roots) throws IOException {
    return new Survey(files, segments, roots);
  }

  /** Removes segments, for a collection. */
  Sweep sweep(Survey survey, Fates fates) {
    return new Sweep(files, scratch, leases, removal(), segments, survey, fates);
  }

  private Removal removal() {
    return new Removal(files, scratch, gate, segments);
  }

  /** Ends a removal that was interrupted. */
  void settle() throws IOException {
    gate.settle();
  }

  /** True if the blob is held, or if that cannot be found out. */
  boolean holds(Digest blob) {
    try {
      return segments.find(blob, Wanted.ANY).isPresent();
    } catch (IOException e) {
      return true;
    }
  }

  /** Before anything refers to what was found: makes the names of all segments seen durable. */
  void makeDurable() throws IOException {
    segments.makeDurable();
  }

  /** Brings the index up to many segments that are new or gone. */
  void tidy() {
    segments.tidy();
  }

  /** Makes anew what is derived from the segments. */
  SegmentDirectory.View reindex() throws IOException {
    return segments.reindex();
  }

  /** What is sealed. */
  DiskSegments segments() {
    return segments;
  }

  /** Mends segments; the caller holds {@code collect.lock}. */
  SegmentRepair repair(DiskTransaction into, SegmentRepair.Needed needed) {
    return new SegmentRepair(files, segments, removal(), into, needed);
  }

  /** Re-hashes everything; a task is a few megabytes. */
  CheckReport check(ExecutorService pool) throws IOException {
    gate.openIfAllowed();
    return new BlobCheck(files, segments, pool).run();
  }

  /** Ends readers and transactions; what was not flushed is gone. */
  @Override
  public void close() throws IOException {
    try (segments;
        gate;
        leases) {
      scratch.close();
    }
  }
}
