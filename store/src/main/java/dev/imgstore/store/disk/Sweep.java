package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Census.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Removes segments, and before that writes anew what of them must stay.
 *
 * <p>Law 3: the copies are durable and have their names before anything goes; then, with the gate
 * closed, leases, segments and roots are read once more, and what they reach and was not copied
 * keeps its segment. Law 4: what refers to others goes first, all of it together, and that is made
 * durable, before what it refers to ({@link Removal}).
 */
final class Sweep {
  private static final int SLAB = 4 << 20;
  private static final int NONE = -1;

  private final Filesystem files;
  private final Scratch scratch;
  private final Leases leases;
  private final Removal removal;
  private final DiskSegments segments;
  private final Survey survey;
  private final Fates fates;
  private final BitSet copied = new BitSet();
  private final Set<Part> damaged = new LinkedHashSet<>();
  private final List<String> kept = new ArrayList<>();
  private final byte[] slab = new byte[SLAB];
  private long freed;
  private long written;
  private int removed;

  Sweep(
      Filesystem files,
      Scratch scratch,
      Leases leases,
      Removal removal,
      DiskSegments segments,
      Survey survey,
      Fates fates) {
    this.files = files;
    this.scratch = scratch;
    this.leases = leases;
    this.removal = removal;
    this.segments = segments;
    this.survey = survey;
    this.fates = fates;
  }

  /** Bytes on disk that came back, before what was written. */
  long freed() {
    return freed;
  }

  /** Bytes on disk that were written. */
  long written() {
    return written;
  }

  /** Segments that went. */
  int removed() {
    return removed;
  }

  /** Segments that were to go and stayed. */
  List<String> kept() {
    return kept;
  }

  /** Carries out one batch; all of it is durable when this returns. */
  void run(List<Part> batch) throws IOException {
    copy(batch);
    List<Part> referring = batch.stream().filter(Part::refers).toList();
    survey.catchUp(); // what others did meanwhile need not be found out with the gate closed
    Set<RelPath> likely = names(removable(referring));
    account(referring, removal.together(likely, () -> choose(referring, likely)));
    List<Part> rest = batch.stream().filter(part -> !part.refers()).toList();
    if (!rest.isEmpty()) {
      survey.catchUp();
      Set<RelPath> others = names(removable(rest));
      account(rest, removal.oneByOne(() -> choose(rest, others)));
    }
  }

  /** With the gate closed. */
  private Set<RelPath> choose(List<Part> some, Set<RelPath> likely) throws IOException {
    return survey.catchUp() ? names(removable(some)) : likely;
  }

  private static Set<RelPath> names(Set<Part> some) {
    Set<RelPath> names = new LinkedHashSet<>();
    some.forEach(each -> names.add(each.segment().file()));
    return names;
  }

  private void account(List<Part> some, Set<RelPath> gone) {
    for (Part each : some) {
      if (gone.contains(each.segment().file())) {
        freed += Fates.onDisk(each.size());
        removed++;
      } else {
        kept.add(each.segment().file().value());
      }
    }
  }

  /** Segments are synced by a thread of its own while the next one is written. */
  private void copy(List<Part> batch) throws IOException {
    Map<Purpose, SegmentWriter> open = new EnumMap<>(Purpose.class);
    try (Sealing sealing = new Sealing()) {
      try {
        for (Part part : batch) {
          copy(part, open, sealing);
        }
        open.values().forEach(sealing::add);
        open.clear();
        publish(sealing.await());
      } finally {
        for (SegmentWriter each : open.values()) {
          each.discard();
        }
      }
    }
  }

  private void publish(Map<SegmentWriter, RelPath> sealed) throws IOException {
    for (SegmentWriter each : sealed.keySet()) {
      written += Fates.onDisk(files.stat(each.file()).orElseThrow().size());
    }
    leases.publish(sealed.values());
    sealed.values().forEach(survey::ours);
    segments.publish(sealed);
  }

  /** In the order in which the bodies lie, so that the disk reads on and on. */
  private void copy(Part part, Map<Purpose, SegmentWriter> open, Sealing sealing)
      throws IOException {
    for (int spot = survey.marker().nextLive(part.base());
        spot != NONE && spot < part.end();
        spot = survey.marker().nextLive(spot + 1)) {
      if (fates.isSpare(spot) && !isKeptElsewhere(spot)) {
        fates.keep(spot);
      }
    }
    int[] spots = fates.copied(part);
    if (spots.length == 0) {
      return;
    }
    try (Filesystem.Window window = files.open(part.segment().file())) {
      Slab bodies = new Slab(window, part.footer().trailer().footerOffset(), slab);
      if (!areGood(part, spots, bodies)) {
        return; // before anything of it is copied, or each collection would do so again
      }
      for (int spot : spots) {
        if (isCopied(spot)) {
          copied.set(spot);
          continue;
        }
        Entry entry = survey.census().located(spot).entry();
        SegmentWriter writer = writer(part.purpose(), open);
        boolean good =
            bodies.takes(entry)
                ? writer.copy(entry, slab, bodies.at(entry))
                : writer.copy(entry, window);
        if (good) {
          copied.set(spot);
        } else {
          damage(part, entry);
        }
        if (writer.isFull()) {
          sealing.add(writer);
          open.remove(part.purpose());
        }
      }
    }
  }

  private boolean areGood(Part part, int[] spots, Slab bodies) throws IOException {
    for (int spot : spots) {
      Located located = survey.census().located(spot);
      Entry entry = located.entry();
      if (!(bodies.takes(entry) ? bodies.isGood(entry) : located.isIntact())) {
        damage(part, entry);
        return false;
      }
    }
    return true;
  }

  /** A segment holds no form twice: both were marked after it was decided which is spare. */
  private boolean isCopied(int spot) {
    Census census = survey.census();
    if (census.isAlone(spot)) {
      return false;
    }
    int first = census.first(spot);
    for (int other = first; other != NONE; other = census.next(other)) {
      if (copied.get(other) && census.isCopy(other, spot)) {
        return true;
      }
    }
    return false;
  }

  private void damage(Part part, Entry entry) {
    damaged.add(part);
    survey.fault(
        part.segment().file(),
        entry.digest().toString(),
        "its stored bytes have another checksum; the segment stays as it is");
  }

  private SegmentWriter writer(Purpose purpose, Map<Purpose, SegmentWriter> open)
      throws IOException {
    SegmentWriter writer = open.get(purpose);
    if (writer == null) {
      writer = new SegmentWriter(files, scratch.newFile(), purpose);
      open.put(purpose, writer);
    }
    return writer;
  }

  /** A spare copy may go only if the one that stays is good. */
  private boolean isKeptElsewhere(int spot) throws IOException {
    Optional<Integer> other = fates.kept(spot);
    while (other.isPresent() && !survey.census().located(other.get()).isIntact()) {
      fates.isBad(other.get());
      other = fates.kept(spot);
    }
    return other.isPresent();
  }

  /**
   * Those of which all that must stay is elsewhere by now. One that refers to others and stays has
   * what it refers to stay as well, which may hold back more.
   */
  private Set<Part> removable(Collection<Part> batch) throws IOException {
    Set<Part> going = new LinkedHashSet<>(batch);
    boolean again = true;
    while (again) {
      again = false;
      for (Part each : List.copyOf(going)) {
        if (damaged.contains(each) || survey.isLeased(each) || !isElsewhere(each)) {
          going.remove(each);
          again = true;
          if (each.refers()) {
            survey.marker().all(each);
          }
        }
      }
    }
    return going;
  }

  private boolean isElsewhere(Part part) {
    for (int spot = survey.marker().nextLive(part.base());
        spot != NONE && spot < part.end();
        spot = survey.marker().nextLive(spot + 1)) {
      if (!copied.get(spot) && !fates.isSpare(spot)) {
        return false;
      }
    }
    return true;
  }
}
