package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What there is and what must stay, kept up to date while others go on working: leases first, then
 * segments, then roots, each read after the other, for who ends a lease has sealed his segments and
 * made his generation before. Then segments once more, for what a root names that has just been
 * made. Segments that come to light after the leases were read are kept whole: what they name may
 * have been leased since, by somebody who is gone by now. Not for several threads.
 */
final class Survey {
  private final DiskSegments segments;
  private final Roots roots;
  private final Filesystem files;
  private final LiveLeases leases;
  private final Census census;
  private final Set<Finding> faults = new LinkedHashSet<>();
  private final Set<RelPath> known = new HashSet<>();
  private final List<Digest> leasedBlobs = new ArrayList<>();
  private final Set<RelPath> leased = new LinkedHashSet<>();
  private final List<Census.Part> late = new ArrayList<>();
  private List<Root> named = List.of();
  private DiskJournal.Tail journal = new DiskJournal.Tail(0, "");
  private Marker marker;

  /** Lists what there is now; marks nothing yet. */
  Survey(Filesystem files, DiskSegments segments, Roots roots) throws IOException {
    this.files = files;
    this.segments = segments;
    this.roots = roots;
    this.leases = new LiveLeases(files);
    this.census = new Census(segments);
    readLeases();
    sealed();
    readRoots();
    late.addAll(sealed());
    this.marker = new Marker(census);
  }

  Census census() {
    return census;
  }

  Marker marker() {
    return marker;
  }

  /** All roots when they were read last. */
  List<Root> roots() {
    return named;
  }

  /** What is damaged, so far. */
  List<Finding> faults() {
    return List.copyOf(faults);
  }

  void fault(RelPath file, String what, String fault) {
    faults.add(new Finding(file.value(), what, fault));
  }

  /**
   * True for a segment that a living process has published: its lease is on the name, so its bytes
   * stay in it until a generation or the end of the process.
   */
  boolean isLeased(Census.Part part) {
    return leased.contains(part.segment().file());
  }

  /** Segments that are written here: what they name is marked already. */
  void ours(RelPath file) {
    known.add(file);
  }

  private LiveLeases.Fresh readLeases() throws IOException {
    LiveLeases.Fresh fresh = leases.read();
    leasedBlobs.addAll(fresh.blobs());
    leased.addAll(fresh.segments());
    return fresh;
  }

  /** The segments that were not known. */
  private List<Census.Part> sealed() throws IOException {
    List<Census.Part> fresh = new ArrayList<>();
    for (RelPath each : files.list(Purpose.DIRECTORY)) {
      if (Purpose.of(each).isPresent() && known.add(each)) {
        try {
          fresh.add(census.add(segments.segment(each)));
        } catch (StoreException e) {
          fault(each, "segment", String.valueOf(e.getMessage()));
        }
      }
    }
    return fresh;
  }

  /** True if they may be others than before: only an entry of the journal changes a root. */
  private boolean readRoots() throws IOException {
    DiskJournal.Tail now = DiskJournal.tail(files);
    if (now.equals(journal)) {
      return false;
    }
    named = roots.all();
    journal = now;
    return true;
  }

  /** Forgets all marks and marks what these roots and all leases reach. */
  void mark(List<Root> kept) throws IOException {
    marker = new Marker(census);
    for (Root each : kept) {
      marker.root(each);
    }
    for (Census.Part each : late) {
      marker.all(each);
    }
    markLeases(leasedBlobs, leased);
    for (Census.Part each : census.parts()) {
      if (!each.fault().isEmpty()) {
        fault(each.segment().file(), "footer", each.fault());
        marker.all(each); // it stays whole
      }
    }
  }

  private void markLeases(List<Digest> blobs, Collection<RelPath> published) throws IOException {
    for (Digest each : blobs) {
      marker.leased(each);
    }
    for (RelPath each : published) {
      var part = census.part(each);
      if (part.isPresent()) {
        marker.all(part.get());
      }
    }
  }

  /**
   * Marks what was leased, sealed or made a root since the last time.
   *
   * @return whether there was anything
   */
  boolean catchUp() throws IOException {
    LiveLeases.Fresh fresh = readLeases();
    List<Census.Part> sealed = sealed();
    boolean changed = readRoots();
    if (changed) {
      sealed.addAll(sealed());
      for (Root each : named) {
        marker.root(each);
      }
    }
    late.addAll(sealed);
    for (Census.Part each : sealed) {
      marker.all(each);
    }
    markLeases(fresh.blobs(), fresh.segments());
    return changed || !sealed.isEmpty() || !fresh.blobs().isEmpty() || !fresh.segments().isEmpty();
  }

  /** True if a root reaches the blob, by what was marked. */
  boolean isLive(Digest blob) {
    int spot = census().first(blob);
    return spot >= 0 && marker().isLive(spot);
  }
}
