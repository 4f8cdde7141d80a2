package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.RepairReport.Mended;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Mends a store: state files from the journal, action records by removing them, segments as {@link
 * SegmentRepair} says. The journal is never touched. One repair or collection at a time: {@code
 * collect.lock}; builds and readers go on.
 */
final class DiskRepair {
  private static final String KIND = "repair";

  private final Filesystem files;
  private final DiskJournal journal;
  private final DiskProfiles profiles;
  private final DiskActions actions;
  private final List<Mended> mended = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long blobs;
  private long bytes;

  DiskRepair(Filesystem files, DiskJournal journal, DiskProfiles profiles, DiskActions actions) {
    this.files = files;
    this.journal = journal;
    this.profiles = profiles;
    this.actions = actions;
  }

  /** Checks a store without what an earlier check has learnt. */
  interface Check {
    CheckReport run() throws IOException;
  }

  @SuppressWarnings("try") // the lock is held, not used
  RepairReport run(Check check, List<Mender> menders, Because because) throws IOException {
    CheckReport before = check.run();
    if (before.findings().isEmpty()) {
      // one that died may have removed a file, and not made that durable: it would come back
      files.sync(Purpose.DIRECTORY);
      profiles.pointAll();
      return new RepairReport(before, List.of(), List.of(), before);
    }
    try (Filesystem.Lock alone = files.lock(DiskCollector.LOCK)) {
      mendStates();
      if (RemovalLog.discardDamaged(files)) {
        mended.add(
            new Mended(
                RemovalLog.FILE.value(),
                RemovalLog.FILE.name(),
                "removed: run imgstore gc, which takes away what it left half removed"));
      }
      for (RelPath each : actions.removeDamaged()) {
        mended.add(new Mended(each.value(), each.name(), "removed: it only saves time"));
      }
      mendBlobs(before, menders);
      mendIndex();
      point();
      CheckReport after = check.run();
      if (!mended.isEmpty()) {
        record(because);
      }
      return new RepairReport(before, mended, notes, after);
    }
  }

  private void mendStates() throws IOException {
    try {
      List<RelPath> written = new ArrayList<>(profiles.repair());
      if (!profiles.roots().file().check().isEmpty()) {
        try (DiskJournal.Writer writer = journal.write()) {
          journal.settle();
          profiles.roots().file().rewrite(writer);
        }
        written.add(RootFile.FILE);
      }
      for (RelPath each : written) {
        mended.add(new Mended(each.value(), each.name(), "written anew from the journal"));
      }
    } catch (StoreException e) {
      notes.add("state files: " + e.getMessage());
    }
  }

  /** What other programs read; of a journal that cannot be believed there is a finding. */
  private void point() throws IOException {
    try {
      profiles.pointAll();
    } catch (StoreException e) {
      notes.add("what other programs read: " + e.getMessage());
    }
  }

  private void mendBlobs(CheckReport before, List<Mender> menders) throws IOException {
    TreeSet<RelPath> suspects = new TreeSet<>();
    for (Finding each : before.findings()) {
      RelPath file = new RelPath(each.file());
      if (Purpose.of(file).isPresent()) {
        suspects.add(file);
      }
    }
    boolean missing =
        before.findings().stream().anyMatch(each -> each.file().equals(Purpose.DIRECTORY.value()));
    if (suspects.isEmpty() && !missing) {
      return;
    }
    DiskJournal.Tail journal = DiskJournal.tail(files);
    SegmentRepair.Needed needed = new SegmentRepair.Needed(roots(), journal);
    try (DiskBlobs fresh = new DiskBlobs(files);
        DiskTransaction into = fresh.begin()) {
      SegmentRepair repair = fresh.repair(into, needed);
      repair.run(suspects, menders);
      mended.addAll(repair.mended());
      notes.addAll(repair.notes());
      blobs = repair.mended().size();
      bytes = repair.bytes();
    }
  }

  private void mendIndex() throws IOException {
    if (BlobIndex.check(files).isEmpty()) {
      return;
    }
    try (DiskBlobs fresh = new DiskBlobs(files)) {
      fresh.reindex();
    }
    mended.add(
        new Mended(BlobIndex.FILE.value(), BlobIndex.FILE.name(), "made anew from the segments"));
  }

  /** What is needed; empty if the journal cannot say. */
  private Optional<List<Root>> roots() throws IOException {
    try {
      return Optional.of(profiles.roots().all());
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  /** A sound journal says that something was mended; a damaged one is left as it is. */
  private void record(Because because) throws IOException {
    if (!journal.check().isEmpty()) {
      return;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("objects", blobs);
    facts.put("bytes", bytes);
    facts.put("files", mended.size() - blobs);
    try (DiskJournal.Writer writer = journal.write()) {
      writer.append(because, KIND, "store", facts);
      profiles.roots().file().rewrite(writer); // names the entry, so that its loss would be seen
    }
  }
}
