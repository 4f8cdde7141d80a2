package dev.imgstore.store.disk;

import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal.Point;
import dev.imgstore.store.Journal.Verified;
import dev.imgstore.store.Journal.Witness;
import dev.imgstore.store.disk.JournalText.Line;
import dev.imgstore.store.disk.JournalText.Mark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Holds the bytes of a journal against its hashes, and against what others know of it. */
final class JournalProof {
  private final byte[] bytes;
  private final Map<Long, String> hashes = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private Mark last = JournalText.START;

  private JournalProof(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Everything that is wrong.
   *
   * @param named the latest entry that a state file names
   */
  static Verified of(byte[] bytes, Mark named, List<Witness> witnesses) {
    JournalProof proof = new JournalProof(bytes);
    proof.follow();
    for (JournalSurvey.Fault each : JournalSurvey.of(bytes, named)) {
      proof.find(each.sequence(), each.text());
    }
    int loose = (int) (bytes.length - proof.last.end());
    boolean isChain = proof.findings.isEmpty();
    boolean isCut = proof.hear(proof.ours(witnesses), isChain);
    if (isChain && loose > 0) {
      proof.loose(loose, isCut);
    }
    Point head =
        new Point(proof.last.sequence(), proof.last.sequence() == 0 ? "" : proof.last.hash());
    return new Verified(head, proof.findings);
  }

  /**
   * Bytes at the end of a chain without another fault.
   *
   * @param isCut whether entries are known to be missing there
   */
  private void loose(int loose, boolean isCut) {
    find(
        last.sequence() + 1,
        loose
            + " bytes after entry "
            + last.sequence()
            + " are no whole entry: "
            + (isCut
                ? "the rest of what was cut off, or something that was put there; copy the journal"
                    + " before anything changes the store, which would remove them"
                : "a crash left them, or somebody added them; the next change removes them"));
  }

  private void find(long sequence, String fault) {
    findings.add(new Finding(DiskJournal.FILE.value(), "entry " + sequence, fault));
  }

  /** As far as entries follow each other from the first. */
  private void follow() {
    for (Optional<Mark> next = next(); next.isPresent(); next = next()) {
      last = next.get();
      hashes.put(last.sequence(), last.hash());
    }
  }

  private Optional<Mark> next() {
    int at = (int) last.end();
    Optional<Line> line = JournalText.lineAt(bytes, at);
    if (line.isEmpty() || line.get().sequence() != last.sequence() + 1) {
      return Optional.empty();
    }
    int end = line.get().end();
    String hash = JournalText.hash(last.hash(), bytes, at, line.get().seal() - at);
    return hash.equals(JournalText.sealed(bytes, end))
        ? Optional.of(new Mark(last.sequence() + 1, hash, end))
        : Optional.empty();
  }

  /** Those who speak of this journal; of each other one, the first who does is told. */
  private List<Witness> ours(List<Witness> witnesses) {
    String first = hashes.get(1L);
    List<Witness> ours = new ArrayList<>();
    Set<String> others = new HashSet<>();
    for (Witness each : witnesses) {
      if (first == null || each.first().isEmpty() || each.first().equals(first)) {
        ours.add(each);
      } else if (others.add(each.first())) {
        find(
            1,
            each.by()
                + " names another first entry: it is of another journal, or the first entry was"
                + " changed, and all hashes made anew");
      }
    }
    ours.sort(Comparator.comparingLong(each -> each.point().sequence()));
    return ours;
  }

  /**
   * After a fault in the chain nothing can be said of what comes after it.
   *
   * @param sorted by number
   * @param isChain whether there is no fault
   * @return whether the end was cut off
   */
  private boolean hear(List<Witness> sorted, boolean isChain) {
    long agreed = 0;
    for (Witness each : sorted) {
      Point point = each.point();
      String hash = hashes.get(point.sequence());
      if (hash != null && !hash.equals(point.hash())) {
        find(
            point.sequence(),
            each.by()
                + " says that it had another hash: "
                + (agreed + 1 == point.sequence()
                    ? "it"
                    : "an entry from " + (agreed + 1) + " to " + point.sequence())
                + " was changed, and the hashes after it made anew");
        return false;
      }
      agreed = hash == null ? agreed : point.sequence(); // cut, or behind the fault: said below
    }
    if (!isChain || sorted.isEmpty()) {
      return false;
    }
    Witness highest = sorted.get(sorted.size() - 1);
    if (highest.point().sequence() <= last.sequence()) {
      return false;
    }
    find(
        last.sequence() + 1,
        "the journal ends after entry "
            + last.sequence()
            + ", but "
            + highest.by()
            + " says that there was an entry "
            + highest.point().sequence()
            + ": the end was cut off; put it back from a copy of the store");
    return true;
  }
}
