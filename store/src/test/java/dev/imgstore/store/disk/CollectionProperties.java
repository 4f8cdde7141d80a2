package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Transaction;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Builds, leases, pins and collections in any order, against a model that is sets of numbers. */
class CollectionProperties {
  private static final int LENGTH = 700;
  private static final int SEEDS = 6;

  private enum What {
    COMMIT,
    BEGIN,
    FINISH,
    ABANDON,
    LEASE,
    PIN,
    UNPIN,
    COLLECT
  }

  /**
   * One step.
   *
   * @param who one of three processes
   * @param files a bit for each file of the image
   */
  private record Step(What what, int who, int files, int keep) {
    int[] seeds() {
      return java.util.stream.IntStream.rangeClosed(1, SEEDS)
          .filter(seed -> (files >> seed & 1) != 0)
          .toArray();
    }
  }

  /** A build that goes on: its store, and what it has put. */
  private static final class Build {
    final DiskStore store;
    final Transaction put;
    final Images.Built built;
    final int[] seeds;

    Build(MemoryFilesystem files, int... seeds) throws IOException {
      this.store = open(files);
      this.put = store.begin();
      this.seeds = seeds;
      this.built = Images.put(put, LENGTH, seeds);
    }

    void end() throws IOException {
      put.close();
      store.close();
    }
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(What.class),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, (1 << (SEEDS + 1)) - 1),
            Arbitraries.integers().between(1, 3))
        .as(Step::new)
        .list()
        .ofMinSize(3)
        .ofMaxSize(25);
  }

  private static DiskStore open(MemoryFilesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  /** Which files are in which generation, by its number; and what else keeps files. */
  private static final class Model {
    final Map<Integer, int[]> generations = new TreeMap<>();
    final Map<Integer, Digest> images = new HashMap<>();
    final Map<Digest, int[]> pins = new HashMap<>();
    int current;

    Digest image() {
      return Objects.requireNonNull(images.get(current));
    }
  }

  @Property(tries = 60)
  void whatSomebodyNeedsStaysAndAllElseGoes(@ForAll("steps") List<Step> steps) throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    Model model = new Model();
    Map<Integer, Build> builds = new HashMap<>();
    for (Step step : steps) {
      run(files, model, builds, step);
    }
    for (Build each : builds.values()) {
      each.end();
    }
    collect(files, model, 1);
    onlyWhatIsNeededIsThere(files, model);
  }

  private static void run(
      MemoryFilesystem files, Model model, Map<Integer, Build> builds, Step step)
      throws IOException {
    Build mine = builds.get(step.who());
    switch (step.what()) {
      case COMMIT -> {
        Build whole = new Build(files, step.seeds());
        finish(model, whole);
        whole.end();
      }
      case BEGIN -> {
        if (mine == null) {
          builds.put(step.who(), new Build(files, step.seeds()));
        }
      }
      case FINISH -> {
        if (mine != null) {
          finish(model, mine);
          mine.end();
          builds.remove(step.who());
        }
      }
      case ABANDON -> {
        if (mine != null) {
          if (step.keep() == 1) {
            mine.put.flush();
          }
          mine.end();
          builds.remove(step.who());
        }
      }
      case LEASE -> {
        if (mine != null && model.current > 0) {
          assertTrue(mine.store.lease(model.image()));
        }
      }
      case PIN, UNPIN -> pin(files, model, step.what() == What.PIN);
      case COLLECT -> collect(files, model, step.keep());
    }
  }

  private static void finish(Model model, Build build) throws IOException {
    build.put.flush();
    Generation made = Images.commit(build.store, "web", build.built);
    model.generations.put(made.number(), build.seeds);
    model.images.put(made.number(), made.image());
    model.current = made.number();
  }

  private static void pin(MemoryFilesystem files, Model model, boolean on) throws IOException {
    try (DiskStore store = open(files)) {
      if (on && model.current > 0) {
        Digest image = model.image();
        store.roots().pin("p", image, BECAUSE);
        model.pins.clear();
        model.pins.put(image, Objects.requireNonNull(model.generations.get(model.current)));
      } else {
        store.roots().unpin("p", BECAUSE);
        model.pins.clear();
      }
    }
  }

  private static void collect(MemoryFilesystem files, Model model, int keep) throws IOException {
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(keep(store, keep), OptionalLong.empty());
      CollectReport report =
          collector.apply(plan, BECAUSE, Clock.fixed(BECAUSE.when(), ZoneOffset.UTC));
      assertEquals(plan.bytes().freed(), report.freed());
      plan.drops().forEach(drop -> model.generations.remove(drop.number()));
    }
    try (DiskStore store = open(files)) {
      assertEquals(List.of(), store.check().findings());
      Profile web = store.profiles().open("web").orElse(Profile.empty("web"));
      assertEquals(
          List.copyOf(model.generations.keySet()),
          web.generations().stream().map(Generation::number).toList());
      long byRule =
          model.generations.keySet().stream()
              .filter(number -> !model.pins.containsKey(model.images.get(number)))
              .count();
      assertTrue(byRule <= keep, "too many are kept: " + model.generations.keySet());
    }
  }

  private static void onlyWhatIsNeededIsThere(MemoryFilesystem files, Model model)
      throws IOException {
    Set<Integer> needed = new HashSet<>();
    model.generations.values().forEach(seeds -> add(needed, seeds));
    model.pins.values().forEach(seeds -> add(needed, seeds));
    try (DiskStore store = open(files);
        Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(Collector.Policy.ALL, OptionalLong.empty());
      assertTrue(plan.isEmpty(), "a second run finds nothing: " + plan);
      for (int seed = 1; seed <= SEEDS; seed++) {
        Digest content = Digest.of(Samples.text(seed, LENGTH + seed));
        if (needed.contains(seed)) {
          assertTrue(store.blobs().has(content));
        }
      }
      if (model.generations.isEmpty() && model.pins.isEmpty()) {
        assertEquals(List.of(), files.list(Purpose.DIRECTORY));
      }
    }
    assertFalse(needed.contains(0));
  }

  private static void add(Set<Integer> to, int... seeds) {
    for (int each : seeds) {
      to.add(each);
    }
  }
}
