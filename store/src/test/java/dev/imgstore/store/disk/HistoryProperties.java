package dev.imgstore.store.disk;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Switch;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The history of profiles against a model that is three lists. */
final class HistoryProperties {
  private enum What {
    COMMIT,
    SWITCH,
    ROLLBACK,
    DROP,
    DROP_ALL,
    STALE,
    REOPEN,
    FORGET_STATE
  }

  private record Step(What what, String profile, int choice) {}

  private static final class Model {
    final SortedMap<Integer, String> images = new TreeMap<>();
    final Map<Integer, Integer> left = new TreeMap<>();

    /** Rolled back from, and nothing built since. */
    final Set<Integer> back = new TreeSet<>();

    int next = 1;
    final List<String> history = new ArrayList<>();
    int current;
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(What.class),
            Arbitraries.of("web", "db", "a.b"),
            Arbitraries.integers().between(0, 1000))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 200)
  void everyHistoryIsAsTheModelSays(@ForAll("steps") List<Step> steps) throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    DiskProfiles profiles = open(files);
    Map<String, Model> models = new TreeMap<>();
    for (Step step : steps) {
      Model model = models.computeIfAbsent(step.profile, name -> new Model());
      switch (step.what) {
        case COMMIT -> commit(profiles, step, model);
        case SWITCH -> change(profiles, step, model, Switch.Kind.SWITCH);
        case ROLLBACK -> change(profiles, step, model, Switch.Kind.ROLLBACK);
        case DROP -> drop(profiles, step, model);
        case DROP_ALL -> {
          if (step.choice % 4 == 0) {
            profiles.dropAll(step.profile, model.current, because(""));
            model.images.clear();
            model.current = 0;
          }
        }
        case STALE ->
            assertThrows(
                StoreException.Locked.class,
                () ->
                    profiles.commit(
                        step.profile, model.current + 1, digest(""), digest(""), because("")));
        case REOPEN -> files.makeDirectories(new RelPath("states"));
        case FORGET_STATE -> forget(files, step.profile);
      }
      check(step.choice % 2 == 0 ? profiles : open(files), models);
    }
    for (String name : models.keySet()) {
      forget(files, name);
    }
    check(open(files), models);
    assertEquals(List.of(), open(files).check());
    assertEquals(List.of(), new DiskJournal(files, notice -> {}).check());
  }

  private static DiskProfiles open(MemoryFilesystem files) {
    return new DiskProfiles(files, new DiskJournal(files, notice -> {}), notice -> {});
  }

  private static void commit(DiskProfiles profiles, Step step, Model model) throws IOException {
    String image = step.profile + step.choice % 6;
    boolean refused =
        !image.equals(model.images.get(model.current))
            && model.left.keySet().stream().anyMatch(n -> image.equals(model.images.get(n)));
    if (refused) {
      assertThrows(
          StoreException.RolledBack.class, () -> build(profiles, step.profile, model, image));
      return;
    }
    int number = build(profiles, step.profile, model, image);
    assertEquals(model.next, number);
    model.images.put(number, image);
    model.next++;
    model.back.clear();
    model.history.add("BUILD " + model.current + " " + number);
    model.current = number;
  }

  private static int build(DiskProfiles profiles, String name, Model model, String image)
      throws IOException {
    return profiles
        .commit(name, model.current, digest(image), digest("r"), because(image))
        .number();
  }

  private static void drop(DiskProfiles profiles, Step step, Model model) throws IOException {
    Set<Integer> numbers = new TreeSet<>();
    for (int number = 1; number < model.next + 2; number++) {
      if ((number * 31 + step.choice) % 3 == 0) {
        numbers.add(number);
      }
    }
    if (numbers.contains(model.current) && model.current > 0) {
      assertThrows(
          StoreException.Kept.class, () -> profiles.drop(step.profile, numbers, because("")));
      numbers.remove(model.current);
    }
    Set<Integer> back = new TreeSet<>(numbers);
    back.retainAll(model.back);
    back.retainAll(model.images.keySet());
    if (!back.isEmpty()) {
      assertThrows(
          StoreException.Kept.class, () -> profiles.drop(step.profile, numbers, because("")));
      numbers.removeAll(back);
    }
    profiles.drop(step.profile, numbers, because(""));
    model.images.keySet().removeAll(numbers);
  }

  private static void change(DiskProfiles profiles, Step step, Model model, Switch.Kind kind)
      throws IOException {
    if (model.images.isEmpty()) {
      return;
    }
    int to = List.copyOf(model.images.keySet()).get(step.choice % model.images.size());
    profiles.makeCurrent(step.profile, model.current, to, kind, because("x"));
    if (to != model.current) {
      model.history.add(kind + " " + model.current + " " + to);
      if (kind == Switch.Kind.ROLLBACK) {
        model.left.put(model.current, to);
        model.back.add(model.current);
      }
      model.left.remove(to);
      model.back.remove(to);
      model.current = to;
    }
  }

  private static void forget(MemoryFilesystem files, String name) throws IOException {
    RelPath file = new RelPath("states/" + name);
    if (files.stat(file).isPresent()) {
      files.delete(file);
    }
  }

  private static void check(DiskProfiles profiles, Map<String, Model> models) throws IOException {
    List<String> names =
        models.entrySet().stream()
            .filter(each -> !each.getValue().images.isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    assertEquals(names, profiles.names());
    for (Map.Entry<String, Model> each : models.entrySet()) {
      Model model = each.getValue();
      if (model.next == 1) {
        continue;
      }
      Profile profile = profiles.open(each.getKey()).orElseThrow();
      assertEquals(model.current, profile.current());
      assertEquals(model.next, profile.next());
      assertEquals(
          List.copyOf(model.images.keySet()),
          profile.generations().stream().map(g -> g.number()).toList());
      assertEquals(
          model.images.values().stream().map(image -> digest(image)).toList(),
          profile.generations().stream().map(g -> g.image()).toList());
      assertEquals(
          model.history,
          profile.history().stream().map(s -> s.kind() + " " + s.from() + " " + s.to()).toList());
    }
  }
}
