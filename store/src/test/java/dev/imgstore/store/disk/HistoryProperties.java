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
import java.util.TreeMap;
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
    STALE,
    REOPEN,
    FORGET_STATE
  }

  private record Step(What what, String profile, int choice) {}

  private static final class Model {
    final List<String> images = new ArrayList<>();
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
        case STALE ->
            assertThrows(
                StoreException.Locked.class,
                () ->
                    profiles.commit(
                        step.profile, model.current + 1, digest(""), digest(""), because("")));
        case REOPEN -> files.makeDirectories(new RelPath("profiles"));
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
    String image = step.profile + step.choice;
    int number =
        profiles
            .commit(step.profile, model.current, digest(image), digest("r"), because(image))
            .number();
    model.images.add(image);
    assertEquals(model.images.size(), number);
    model.history.add("BUILD " + model.current + " " + number);
    model.current = number;
  }

  private static void change(DiskProfiles profiles, Step step, Model model, Switch.Kind kind)
      throws IOException {
    if (model.images.isEmpty()) {
      return;
    }
    int to = 1 + step.choice % model.images.size();
    profiles.makeCurrent(step.profile, model.current, to, kind, because("x"));
    if (to != model.current) {
      model.history.add(kind + " " + model.current + " " + to);
      model.current = to;
    }
  }

  private static void forget(MemoryFilesystem files, String name) throws IOException {
    RelPath file = new RelPath("profiles/" + name);
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
    for (String name : names) {
      Profile profile = profiles.open(name).orElseThrow();
      Model model = models.getOrDefault(name, new Model());
      assertEquals(model.current, profile.current());
      assertEquals(model.images.size() + 1, profile.next());
      assertEquals(
          model.images.stream().map(image -> digest(image)).toList(),
          profile.generations().stream().map(each -> each.image()).toList());
      assertEquals(
          model.history,
          profile.history().stream().map(s -> s.kind() + " " + s.from() + " " + s.to()).toList());
    }
  }
}
