package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Needs;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whom findings about blobs concern: what each blob is, which roots need it, and whether another
 * copy is good. A list that fails only because of a chunk that is a finding itself is no finding.
 * Everything damaged has been distrusted before.
 */
final class Concerns {
  private final DiskSegments segments;
  private final BlobReader blobs;

  /** The lists that a damaged chunk is a part of. */
  private final Map<Digest, Set<Digest>> holders = new TreeMap<>();

  Concerns(DiskSegments segments, BlobReader blobs) {
    this.segments = segments;
    this.blobs = blobs;
  }

  /** The findings with all that is known about them, and one more for each blob that is missing. */
  List<Finding> of(List<Finding> findings, List<Root> roots) throws IOException {
    Set<Digest> damaged = new TreeSet<>();
    findings.forEach(each -> digest(each).ifPresent(damaged::add));
    findHolders(damaged);
    Set<Digest> suspects = new HashSet<>(damaged);
    holders.values().forEach(suspects::addAll);
    Needs needs = new Needs(blobs, suspects);
    for (Root each : roots) {
      needs.follow(each);
    }
    List<Finding> told = new ArrayList<>();
    for (Finding each : findings) {
      Optional<Digest> digest = digest(each);
      if (digest.isEmpty()) {
        told.add(each);
      } else if (!isConsequence(each, digest.get())) {
        told.add(told(each, digest.get(), needs.all(), roots));
      }
    }
    for (Map.Entry<Digest, Needs.Need> each : needs.all().entrySet()) {
      if (each.getValue().lost() && !suspects.contains(each.getKey())) {
        told.add(missing(each.getKey(), each.getValue()));
      }
    }
    return told;
  }

  private static Finding missing(Digest blob, Needs.Need need) {
    return new Finding(
        Purpose.DIRECTORY.value(),
        blob.toString(),
        "it is missing",
        List.copyOf(need.uses()),
        List.copyOf(need.by()),
        "");
  }

  private static Optional<Digest> digest(Finding finding) {
    try {
      return Optional.of(Digest.parse(finding.what()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void findHolders(Set<Digest> damaged) throws IOException {
    if (damaged.isEmpty()) {
      return;
    }
    for (Segment segment : segments.refresh()) {
      try {
        Segment.Footer footer = segment.footer();
        for (int i = 0; i < footer.trailer().count(); i++) {
          Entry entry = footer.entry(i);
          if (entry.form().isList()) {
            addHolders(new Located(segment, entry), damaged);
          }
        }
      } catch (StoreException | IllegalArgumentException e) {
        // damaged itself: one of the findings
      }
    }
  }

  private void addHolders(Located list, Set<Digest> damaged) throws IOException {
    PartList parts = new PartList(list);
    while (parts.hasNext()) {
      Digest part = parts.next().digest();
      if (damaged.contains(part)) {
        holders.computeIfAbsent(part, digest -> new TreeSet<>()).add(list.entry().digest());
      }
    }
  }

  private boolean isConsequence(Finding finding, Digest list) {
    for (Map.Entry<Digest, Set<Digest>> each : holders.entrySet()) {
      if (each.getValue().contains(list) && finding.fault().contains(each.getKey().toString())) {
        return true;
      }
    }
    return false;
  }

  private Finding told(
      Finding finding, Digest blob, Map<Digest, Needs.Need> needs, List<Root> roots)
      throws IOException {
    Set<String> uses = new LinkedHashSet<>();
    Set<String> by = new HashSet<>();
    Needs.Need own = needs.get(blob);
    if (own != null) {
      uses.addAll(own.uses());
      by.addAll(own.by());
    }
    for (Digest each : holders.getOrDefault(blob, Set.of())) {
      Needs.Need whole = needs.get(each);
      if (whole != null) {
        whole.uses().forEach(use -> uses.add("part of " + use));
        by.addAll(whole.by());
      }
    }
    Optional<Located> copy = segments.find(blob, Wanted.ANY);
    String place = copy.isPresent() && blobs.has(blob) ? copy.get().place().toString() : "";
    return new Finding(
        finding.file(),
        finding.what(),
        finding.fault(),
        List.copyOf(uses),
        roots.stream().map(Root::label).filter(by::contains).toList(),
        place);
  }
}
