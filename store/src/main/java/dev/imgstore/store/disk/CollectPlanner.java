package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectPlan.Doomed;
import dev.imgstore.store.CollectPlan.Drop;
import dev.imgstore.store.CollectPlan.Over;
import dev.imgstore.store.Collector.Policy;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Says which generations and segments a collection takes, and what that gives; changes nothing. */
final class CollectPlanner {
  /** Tried one after the other until what is left is below the ceiling. */
  private static final double[] WASTES = {Fates.WASTE, Fates.WASTE / 4, 0};

  private final Survey survey;
  private final DiskActions actions;

  CollectPlanner(Survey survey, DiskActions actions) {
    this.survey = survey;
    this.actions = actions;
  }

  /** A plan, and what becomes of each segment by it. */
  record Planned(CollectPlan plan, Fates fates) {}

  /**
   * What a policy drops, and what goes with that.
   *
   * @param head how the journal ended before roots were read
   * @param ceiling the most bytes the store is to have
   */
  Planned plan(CollectPlan.Head head, Policy policy, OptionalLong ceiling) throws IOException {
    List<Over> over = over(survey.roots(), policy);
    List<Root> all = lasting(survey.roots(), over);
    Map<Root, Drop> drops = new LinkedHashMap<>();
    Set<Root.OfGeneration> loose = new LinkedHashSet<>();
    Map<String, Retention.Verdict> verdicts = byLabel(policy.judge(all));
    Set<Digest> firm = firm(all);
    for (Root each : all) {
      Retention.Verdict verdict = verdicts.get(each.label());
      if (verdict != null
          && each instanceof Root.OfGeneration of
          && verdict.generation().equals(of.generation())
          && verdict.always().isEmpty()
          && mayGo(of, of.marks(), firm)) {
        if (verdict.goes()) {
          drops.put(of, drop(of, "not kept by: " + policy.rule(of.profile())));
        } else {
          loose.add(of);
        }
      }
    }
    Fates decided =
        ceiling.isPresent()
            ? lower(ceiling.getAsLong(), all, oldestFirst(loose), drops)
            : decide(without(all, drops.keySet()), OptionalLong.empty());
    long excess = ceiling.isPresent() ? Math.max(0, left(decided) - ceiling.getAsLong()) : 0;
    return new Planned(plan(head, decided, over, List.copyOf(drops.values()), excess), decided);
  }

  private static List<Over> over(List<Root> all, Policy policy) {
    List<Over> over = new ArrayList<>();
    for (Root each : all) {
      if (each instanceof Root.Pin pin && policy.isOver(pin)) {
        over.add(new Over(pin.name(), pin.image(), end(pin).orElse(Instant.MAX)));
      }
    }
    return over;
  }

  private static Optional<Instant> end(Root.Pin pin) {
    return pin.spec().flatMap(Root.Spec::expires);
  }

  /** The pin that a plan ends, if it is still as it was. */
  static Optional<Root.Pin> pin(List<? extends Root> all, Over over) {
    return all.stream()
        .filter(Root.Pin.class::isInstance)
        .map(Root.Pin.class::cast)
        .filter(pin -> pin.name().equals(over.name()) && pin.image().equals(over.image()))
        .filter(pin -> end(pin).equals(Optional.of(over.expired())))
        .findFirst();
  }

  private static List<Root> lasting(List<Root> all, List<Over> over) {
    Set<Root> ended = new HashSet<>();
    over.forEach(each -> pin(all, each).ifPresent(ended::add));
    return without(all, ended);
  }

  private static List<Root> without(List<Root> all, Set<Root> some) {
    return all.stream().filter(root -> !some.contains(root)).toList();
  }

  /** Marks what these roots reach and decides what becomes of the rest. */
  private Fates decide(List<Root> kept, OptionalLong ceiling) throws IOException {
    survey.mark(kept);
    Fates decided = new Fates(survey, WASTES[0]);
    for (int i = 1; ceiling.isPresent() && i < WASTES.length; i++) {
      if (left(decided) > ceiling.getAsLong()) {
        decided = new Fates(survey, WASTES[i]);
      }
    }
    return decided;
  }

  /** Bytes on disk of all segments afterwards. */
  private long left(Fates decided) {
    long left = decided.written(decided.batches(decided.doomed()));
    for (Census.Part each : survey.census().parts()) {
      left += decided.doomed().contains(each.index()) ? 0 : Fates.onDisk(each.size());
    }
    return left;
  }

  private CollectPlan plan(
      CollectPlan.Head head, Fates decided, List<Over> pins, List<Drop> drops, long over)
      throws IOException {
    Census census = survey.census();
    long before = 0;
    long freed = 0;
    BitSet gone = new BitSet();
    List<Doomed> doomed = new ArrayList<>();
    for (Census.Part each : census.parts()) {
      before += Fates.onDisk(each.size());
      var fate = decided.of(each.index());
      if (fate.isPresent()) {
        freed += Fates.onDisk(each.size());
        addDead(each, gone);
        doomed.add(
            new Doomed(
                each.segment().file().name(), fate.get(), each.size(), decided.live(each.index())));
      }
    }
    long written = decided.written(decided.batches(decided.doomed()));
    List<String> records = new ArrayList<>();
    for (DiskActions.Found each : actions.without(survey::isLive)) {
      records.add(each.file().name());
      freed += Fates.onDisk(each.size());
      before += Fates.onDisk(each.size());
    }
    return new CollectPlan(
        head,
        pins,
        drops,
        doomed,
        gone.cardinality(),
        records,
        new CollectPlan.Bytes(before, freed - written, written, survey.marker().sources(), over),
        survey.faults());
  }

  /** Each blob once, by the first of its spots. */
  private void addDead(Census.Part part, BitSet gone) {
    for (int spot = part.base(); spot < part.end(); spot++) {
      if (!survey.marker().isLive(spot)) {
        gone.set(survey.census().first(spot));
      }
    }
  }

  /** The images that stay whatever a policy says. */
  static Set<Digest> firm(List<Root> all) {
    Set<Digest> firm = new HashSet<>();
    for (Root each : all) {
      if (!(each instanceof Root.OfGeneration)) {
        firm.add(each.image());
      }
    }
    return firm;
  }

  /**
   * Whether it may be dropped at all.
   *
   * @param marks those that do not keep it
   */
  static boolean mayGo(Root.OfGeneration root, List<String> marks, Set<Digest> firm) {
    return !root.isCurrent() && marks.containsAll(root.marks()) && !firm.contains(root.image());
  }

  /** By profile and number. */
  private static Map<String, Retention.Verdict> byLabel(
      Map<String, List<Retention.Verdict>> verdicts) {
    Map<String, Retention.Verdict> byLabel = new HashMap<>();
    verdicts.forEach(
        (profile, list) ->
            list.forEach(each -> byLabel.put(profile + "@" + each.generation().number(), each)));
    return byLabel;
  }

  private static Drop drop(Root.OfGeneration root, String reason) {
    return new Drop(
        root.profile(),
        root.number(),
        root.image(),
        root.generation().created(),
        reason,
        root.marks());
  }

  private static List<Root.OfGeneration> oldestFirst(Set<Root.OfGeneration> loose) {
    List<Root.OfGeneration> sorted = new ArrayList<>(loose);
    sorted.sort(
        Comparator.comparing((Root.OfGeneration root) -> root.generation().created())
            .thenComparing(Root.OfGeneration::number));
    return sorted;
  }

  /** Drops as many of the oldest as it takes, found by halving; all, if even that is too few. */
  private Fates lower(
      long ceiling, List<Root> all, List<Root.OfGeneration> oldest, Map<Root, Drop> drops)
      throws IOException {
    int enough = oldest.size();
    for (int tooFew = -1; enough - tooFew > 1; ) {
      int some = (enough + tooFew) >>> 1;
      if (left(decide(kept(all, drops, oldest.subList(0, some)), OptionalLong.of(ceiling)))
          <= ceiling) {
        enough = some;
      } else {
        tooFew = some;
      }
    }
    for (Root.OfGeneration each : oldest.subList(0, enough)) {
      drops.put(each, drop(each, "the store is to have at most " + ceiling + " bytes"));
    }
    return decide(without(all, drops.keySet()), OptionalLong.of(ceiling));
  }

  private static List<Root> kept(
      List<Root> all, Map<Root, Drop> drops, List<Root.OfGeneration> more) {
    Set<Root> gone = new HashSet<>(drops.keySet());
    gone.addAll(more);
    return without(all, gone);
  }
}
