package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectPlan.Doomed;
import dev.imgstore.store.CollectPlan.Drop;
import dev.imgstore.store.CollectPlan.Over;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A collection of a store on a disk; holds {@code collect.lock} while it is open. */
final class DiskCollector implements Collector {
  /** The kind of its entry in the journal. */
  static final String KIND = "collection";

  static final RelPath LOCK = RelPath.of("collect.lock");

  private final Filesystem.Lock lock;
  private final DiskBlobs blobs;
  private final DiskActions actions;
  private final DiskJournal journal;
  private final Profiles profiles;
  private final Roots roots;
  private final Survey survey;
  private @Nullable CollectPlan planned;
  private @Nullable Fates fates;

  private DiskCollector(
      Filesystem.Lock lock, DiskBlobs blobs, DiskActions actions, DiskJournal journal, Store store)
      throws IOException {
    this.lock = lock;
    this.blobs = blobs;
    this.actions = actions;
    this.journal = journal;
    this.profiles = store.profiles();
    this.roots = store.roots();
    this.survey = blobs.survey(store.roots());
  }

  /**
   * Only one at a time moves what is stored.
   *
   * @throws StoreException.Locked if another process does
   */
  static Filesystem.Lock lock(Filesystem files) throws IOException {
    return files
        .tryLock(LOCK)
        .orElseThrow(
            () ->
                new StoreException.Locked(
                    "another process is collecting or repairing in this store; wait until it is"
                        + " through"));
  }

  /**
   * Begins one.
   *
   * @throws StoreException.Locked if another process collects
   */
  static DiskCollector begin(
      Filesystem files, DiskBlobs blobs, DiskActions actions, DiskJournal journal, Store store)
      throws IOException {
    Filesystem.Lock lock = lock(files);
    boolean begun = false;
    try {
      blobs.settle(); // before anything is looked at
      DiskCollector collector = new DiskCollector(lock, blobs, actions, journal, store);
      begun = true;
      return collector;
    } finally {
      if (!begun) {
        lock.close();
      }
    }
  }

  private long dead(Census.Part part) {
    long dead = 0;
    for (int spot = part.base(); spot < part.end(); spot++) {
      dead += survey.marker().isLive(spot) ? 0 : 1;
    }
    return dead;
  }

  private CollectPlan.Head head() throws IOException {
    List<dev.imgstore.store.Journal.Entry> all = journal.list();
    return all.isEmpty()
        ? new CollectPlan.Head(0, "")
        : new CollectPlan.Head(all.get(all.size() - 1).sequence(), all.get(all.size() - 1).hash());
  }

  private boolean isOfThisStore(CollectPlan.Head head) throws IOException {
    return head.sequence() == 0
        || journal.list().stream()
            .anyMatch(
                entry -> entry.sequence() == head.sequence() && entry.hash().equals(head.hash()));
  }

  private static Optional<Root.OfGeneration> find(List<Root> all, Drop drop) {
    return all.stream()
        .filter(Root.OfGeneration.class::isInstance)
        .map(Root.OfGeneration.class::cast)
        .filter(
            of ->
                of.profile().equals(drop.profile())
                    && of.number() == drop.number()
                    && of.image().equals(drop.image()))
        .findFirst();
  }

  private boolean isRolledBack(Root.OfGeneration root) throws IOException {
    return profiles
        .open(root.profile())
        .filter(profile -> Retention.rolledBack(profile).contains(root.number()))
        .isPresent();
  }

  private boolean isRefuge(Root.OfGeneration root) throws IOException {
    return profiles
        .open(root.profile())
        .filter(profile -> Retention.refuge(profile) == root.number())
        .isPresent();
  }

  @Override
  public CollectPlan plan(Policy policy, OptionalLong ceiling) throws IOException {
    CollectPlanner.Planned made = new CollectPlanner(survey, actions).plan(head(), policy, ceiling);
    fates = made.fates();
    planned = made.plan();
    return made.plan();
  }

  @Override
  public CollectReport apply(
      CollectPlan plan, Because because, Clock clock, SortedMap<String, String> said)
      throws IOException {
    Instant begun = clock.instant();
    Fates decided = fates;
    if (decided == null || !plan.equals(planned)) {
      List<String> changes = new ArrayList<>();
      decided = again(plan, changes);
      if (!changes.isEmpty()) {
        return new CollectReport(changes, 0, 0, List.of(), 0, 0, 0, survey.faults());
      }
    }
    fates = null; // it fits once
    drop(plan, because);
    int records = 0;
    long freedByRecords = 0;
    for (DiskActions.Found each : actions.without(survey::isLive)) {
      if (plan.records().contains(each.file().name())
          && actions.remove(each.file(), this::isLiveOrNew)) {
        records++;
        freedByRecords += Fates.onDisk(each.size());
      }
    }
    Sweep sweep = blobs.sweep(survey, decided);
    for (List<Census.Part> batch : decided.batches(doomed(plan))) {
      sweep.run(batch);
    }
    blobs.tidy();
    CollectReport report =
        new CollectReport(
            List.of(),
            plan.drops().size(),
            sweep.removed(),
            sweep.kept(),
            sweep.freed() + freedByRecords - sweep.written(),
            sweep.written(),
            records,
            survey.faults());
    if (!plan.isEmpty() || !said.isEmpty()) {
      record(report, because, took(because, begun, clock), said);
    }
    return report;
  }

  /** The work before it, and this. */
  private static Duration took(Because because, Instant begun, Clock clock) {
    return because.took().plus(Duration.between(begun, clock.instant()));
  }

  @Override
  public void failed(String sentence, Because because, SortedMap<String, String> facts)
      throws IOException {
    SortedMap<String, String> all = new TreeMap<>(facts);
    all.put("failed", sentence);
    CollectReport none = new CollectReport(List.of(), 0, 0, List.of(), 0, 0, 0, List.of());
    record(none, because, because.took(), all);
  }

  private boolean isLiveOrNew(Digest blob) {
    return survey.census().first(blob) < 0 ? blobs.holds(blob) : survey.isLive(blob);
  }

  private void record(
      CollectReport report, Because because, Duration took, SortedMap<String, String> said)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("freed", report.freed());
    facts.put("written", report.written());
    facts.put("segments", report.segments());
    facts.put("generations", report.generations());
    facts.put("records", report.records());
    facts.put("milliseconds", Math.max(0, took.toMillis()));
    facts.putAll(said);
    try (DiskJournal.Writer writer = journal.write()) {
      writer.append(because, KIND, "store", facts);
    }
  }

  private void drop(CollectPlan plan, Because because) throws IOException {
    List<Root.Pin> pins = roots.pins();
    for (Over each : plan.pins()) {
      Optional<Root.Pin> pin = CollectPlanner.pin(pins, each);
      if (pin.isPresent()) {
        String why = "its time was over at " + each.expired();
        roots.unpin(pin.get(), new Because(because.when(), because.who(), why));
      }
    }
    Map<String, Map<Integer, Set<String>>> byProfile = new TreeMap<>();
    for (Drop each : plan.drops()) {
      byProfile
          .computeIfAbsent(each.profile(), name -> new TreeMap<>())
          .put(each.number(), Set.copyOf(each.marks()));
    }
    for (Map.Entry<String, Map<Integer, Set<String>>> each : byProfile.entrySet()) {
      profiles.drop(each.getKey(), each.getValue(), because);
    }
  }

  private Set<Integer> doomed(CollectPlan plan) {
    Set<Integer> doomed = new HashSet<>();
    for (Doomed each : plan.segments()) {
      survey
          .census()
          .part(Purpose.DIRECTORY.child(each.file()))
          .ifPresent(part -> doomed.add(part.index()));
    }
    return doomed;
  }

  /** Marks anew for a plan that was made at another time, and says what does not fit any more. */
  private Fates again(CollectPlan plan, List<String> changes) throws IOException {
    if (!isOfThisStore(plan.head())) {
      changes.add("the plan is of another store, or of another past of this one");
    }
    List<Root> all = survey.roots();
    List<Root> kept = new ArrayList<>(all);
    for (Over each : plan.pins()) {
      Optional<Root.Pin> pin = CollectPlanner.pin(all, each);
      if (pin.isEmpty()) {
        changes.add("pin " + each.name() + " is gone, or goes on by now");
      } else {
        kept.remove(pin.get());
      }
    }
    Set<Digest> firm = CollectPlanner.firm(kept);
    for (Drop each : plan.drops()) {
      String name = each.profile() + "@" + each.number();
      Optional<Root.OfGeneration> root = find(all, each);
      if (root.isEmpty()) {
        changes.add(name + " is gone already");
      } else if (!CollectPlanner.mayGo(root.get(), each.marks(), firm)) {
        changes.add(name + " is current, good, tagged, pinned or held by now");
      } else if (isRolledBack(root.get())) {
        changes.add(name + " was rolled back from, and nothing was built since");
      } else if (isRefuge(root.get())) {
        changes.add(name + " is what to go back to: " + Retention.REFUGE);
      } else {
        kept.remove(root.get());
      }
    }
    survey.mark(kept);
    Set<Integer> doomed = doomed(plan);
    for (Census.Part each : survey.census().parts()) {
      if (each.refers() && !doomed.contains(each.index()) && dead(each) > 0) {
        survey.marker().all(each); // it stays, so what it refers to must
      }
    }
    Fates decided = new Fates(survey, Fates.WASTE);
    for (Doomed each : plan.segments()) {
      Optional<Census.Part> part = survey.census().part(Purpose.DIRECTORY.child(each.file()));
      if (part.isEmpty()) {
        changes.add(each.file() + " is gone already");
      } else if (decided.live(part.get().index()) > each.live()) {
        changes.add(
            each.file()
                + " has "
                + (decided.live(part.get().index()) - each.live())
                + " bytes more that are needed by now");
      }
    }
    return decided;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
