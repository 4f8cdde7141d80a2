package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Frames;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Needs;
import dev.imgstore.store.RepairReport.Mended;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Puts segments right in the only way a segment can be: what is good in a damaged one is copied to
 * a new one, what is lost comes from elsewhere, all that is made durable, and then the damaged one
 * is removed. It is kept as long as something is lost that may be in it. Needs {@code
 * collect.lock}.
 *
 * <p>Laws 3 and 4: nothing that anybody can read goes away. What is removed has a durable copy, or
 * no one could read it; and it goes as in a collection ({@link Removal}). A segment on whose name a
 * living process has a lease stays: its copies are not what that process leases.
 */
final class SegmentRepair {
  /** Each round may bring a tree that names more; images are not nested deeper than this. */
  private static final int ROUNDS = 64;

  private final Filesystem files;
  private final DiskSegments segments;
  private final Removal removal;
  private final DiskTransaction into;
  private final Transplant transplant;
  private final Needed needed;
  private final Map<Segment, SegmentSurvey.Result> damaged = new LinkedHashMap<>();
  private final Map<Digest, String> homes = new LinkedHashMap<>();
  private final List<Located> lists = new ArrayList<>();
  private final List<Mended> mended = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long bytes;

  /**
   * What must be there.
   *
   * @param roots that were read; empty if nobody can say, and then everything is needed
   * @param journal how it ended before they were read
   */
  record Needed(Optional<List<Root>> roots, DiskJournal.Tail journal) {}

  /** A repair. */
  SegmentRepair(
      Filesystem files,
      DiskSegments segments,
      Removal removal,
      DiskTransaction into,
      Needed needed) {
    this.files = files;
    this.segments = segments;
    this.removal = removal;
    this.into = into;
    this.transplant = new Transplant(into);
    this.needed = needed;
  }

  List<Mended> mended() {
    return mended;
  }

  List<String> notes() {
    return notes;
  }

  /** Bytes of the blobs that are here again. */
  long bytes() {
    return bytes;
  }

  /** Mends what was found in these files, and what roots need and nobody has. */
  void run(Set<RelPath> suspects, List<Mender> menders) throws IOException {
    survey(suspects);
    evacuate();
    boolean complete = mendLost(menders);
    if (complete) {
      emptyDeadLists();
    }
    into.flush();
    remove(complete);
  }

  private void survey(Set<RelPath> suspects) throws IOException {
    for (Segment each : segments.refresh()) {
      if (suspects.contains(each.file())) {
        SegmentSurvey.Result found = SegmentSurvey.of(each);
        if (found.isBroken() || !found.bad().isEmpty() || !found.corrected().isEmpty()) {
          damaged.put(each, found);
        } else {
          found.good().stream().filter(body -> body.entry().form().isList()).forEach(lists::add);
        }
      }
    }
  }

  /** Lists wait until it is known which of their parts are there. */
  private void evacuate() throws IOException {
    damaged.keySet().forEach(Segment::condemn);
    for (SegmentSurvey.Result each : damaged.values()) {
      String file = each.segment().toString();
      each.bad().forEach(entry -> homes.put(entry.digest(), file));
      for (Located body : each.good()) {
        evacuate(body);
      }
      for (Located body : each.corrected()) {
        evacuate(body);
        Entry entry = body.entry();
        bytes += entry.plain();
        mended.add(new Mended(file, entry.digest().toString(), "one byte was wrong, and is known"));
      }
    }
    lists.sort(Comparator.comparing(each -> each.entry().digest()));
  }

  private void evacuate(Located body) throws IOException {
    if (body.entry().form().isList()) {
      lists.add(body);
    } else {
      transplant.copy(body);
    }
  }

  /** True if all that is needed is there in the end. */
  private boolean mendLost(List<Mender> menders) throws IOException {
    spread();
    copyLists();
    Mender.Losses losses = losses();
    boolean more = true;
    for (int round = 0; more && round < ROUNDS && !losses.blobs().isEmpty(); round++) {
      more = false;
      for (Mender each : menders) {
        Mender.Losses left = ask(each, losses);
        more |= !left.blobs().equals(losses.blobs());
        losses = left;
        if (losses.blobs().isEmpty()) {
          break;
        }
      }
    }
    return needed.roots().isPresent() && losses.blobs().isEmpty();
  }

  /** A list that nothing needs may name chunks that are lost: its segment goes on without it. */
  private void emptyDeadLists() throws IOException {
    List<Located> doubtful = new ArrayList<>(lists);
    if (!homes.isEmpty()) {
      for (Segment each : segments.refresh()) {
        if (!damaged.containsKey(each)) {
          addLists(each, doubtful);
        }
      }
    }
    for (Located each : doubtful) {
      Segment home = home(each);
      if (!damaged.containsKey(home) && !transplant.isWhole(each)) {
        SegmentSurvey.Result all = SegmentSurvey.of(home);
        damaged.put(home, all);
        home.condemn();
        for (Located body : all.good()) {
          evacuate(body);
        }
      }
    }
    copyLists();
  }

  /** Adds the lists of a sound segment that name something which is lost. */
  private void addLists(Segment segment, List<Located> to) throws IOException {
    try {
      Segment.Footer footer = segment.footer();
      for (int i = 0; i < footer.trailer().count(); i++) {
        Entry entry = footer.entry(i);
        if (entry.form().isList() && namesLost(new Located(segment, entry))) {
          to.add(new Located(segment, entry));
        }
      }
    } catch (StoreException | IllegalArgumentException e) {
      // damaged since it was checked: left for the next repair
    }
  }

  private boolean namesLost(Located list) throws IOException {
    PartList parts = new PartList(list);
    while (parts.hasNext()) {
      if (homes.containsKey(parts.next().digest())) {
        return true;
      }
    }
    return false;
  }

  /** A chunk of which only another form is left gets its frame again. */
  private void spread() throws IOException {
    for (Map.Entry<Digest, String> each : Map.copyOf(homes).entrySet()) {
      if (into.has(each.getKey())) {
        if (into.size(each.getKey()) <= Frames.MAX_PLAIN) {
          into.frame(each.getKey());
        }
        heal(each.getKey(), "from another copy in the store");
      }
    }
  }

  private void heal(Digest blob, String how) throws IOException {
    String file = homes.remove(blob);
    bytes += into.size(blob);
    mended.add(new Mended(file == null ? Purpose.DIRECTORY.value() : file, blob.toString(), how));
  }

  private Mender.Losses ask(Mender mender, Mender.Losses losses) throws IOException {
    try {
      mender.mend(losses, into);
    } catch (IOException e) {
      into.has(losses.blobs().first()); // fails if nothing more can be stored
      String note = mender.name() + ": " + e.getMessage();
      if (!notes.contains(note)) {
        notes.add(note);
      }
    }
    copyLists();
    SortedSet<Digest> came = new TreeSet<>(losses.blobs());
    came.addAll(homes.keySet());
    for (Digest each : came) {
      if (into.has(each)) {
        heal(each, mender.name());
      }
    }
    return losses();
  }

  /** What is needed and not there. Without roots: all that is known to be lost. */
  private Mender.Losses losses() throws IOException {
    if (needed.roots().isEmpty()) {
      SortedSet<Digest> lost = new TreeSet<>();
      for (Digest each : homes.keySet()) {
        if (!into.has(each)) {
          lost.add(each);
        }
      }
      return new Mender.Losses(lost, List.of());
    }
    Needs needs = new Needs(into, Set.of());
    for (Root each : needed.roots().get()) {
      needs.follow(each);
    }
    return needs.losses();
  }

  /** Copies the lists of damaged segments whose parts are there by now. */
  private void copyLists() throws IOException {
    List<Located> left = new ArrayList<>();
    for (Located each : lists) {
      if (!damaged.containsKey(home(each)) || transplant.copyList(each).isEmpty()) {
        left.add(each);
      }
    }
    lists.clear();
    lists.addAll(left);
  }

  private static Segment home(Located list) {
    if (list.place() instanceof MendedPlace place) {
      return place.segment();
    }
    return (Segment) list.place();
  }

  /** Removes the damaged segments of which all that is needed is elsewhere, and durable. */
  private void remove(boolean complete) throws IOException {
    Set<RelPath> emptied = new TreeSet<>();
    for (SegmentSurvey.Result each : damaged.values()) {
      if (isEmptied(each)) {
        emptied.add(each.segment().file());
      }
    }
    Set<RelPath> doomed = new TreeSet<>(emptied);
    if (complete) {
      damaged.keySet().forEach(each -> doomed.add(each.file()));
    }
    LiveLeases leases = new LiveLeases(files);
    Set<RelPath> leased = new TreeSet<>(leases.read().segments());
    Set<RelPath> likely = new TreeSet<>(doomed);
    likely.removeAll(leased);
    Set<RelPath> gone =
        removal.together(
            likely,
            () -> {
              // what was lost with one is needed by nothing only as long as no root has come
              boolean same = DiskJournal.tail(files).equals(needed.journal());
              Set<RelPath> now = new TreeSet<>(same ? doomed : emptied);
              leased.addAll(leases.read().segments());
              now.removeAll(leased);
              return now;
            });
    for (RelPath each : doomed) {
      if (!gone.contains(each)) {
        notes.add(
            each
                + " stays: "
                + (leased.contains(each) ? "work that goes on relies on it" : "roots have changed")
                + "; repair again after that");
      }
    }
    report(gone);
  }

  private void report(Set<RelPath> gone) {
    Set<String> said = new HashSet<>();
    mended.forEach(each -> said.add(each.file()));
    for (RelPath each : gone) {
      String file = each.value();
      homes.forEach(
          (blob, home) -> {
            if (home.equals(file) && said.add(file + blob)) {
              mended.add(new Mended(file, blob.toString(), "dropped: nothing kept needs it"));
              said.add(file);
            }
          });
      if (said.add(file)) {
        mended.add(new Mended(file, file, "written anew"));
      }
    }
  }

  /** True if there is nothing in it that is not elsewhere as well. */
  private boolean isEmptied(SegmentSurvey.Result found) throws IOException {
    if (found.isUnknown()) {
      return false;
    }
    for (Located each : lists) {
      if (home(each).equals(found.segment())) {
        return false;
      }
    }
    for (Entry each : found.bad()) {
      if (!into.has(each.digest())) {
        return false;
      }
    }
    return true;
  }
}
