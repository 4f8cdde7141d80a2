package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.model.Generation;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Collections that keep one of five generations, while somebody tags what they are about to drop.
 */
final class CollectingTest {
  private static final Profiles.Because BECAUSE = new Profiles.Because(Desk.NOW, "ann", "");

  @TempDir Path directory;
  private Desk desk;
  private final List<String> notices = new ArrayList<>();
  private int turn;

  @BeforeEach
  void fiveGenerations() throws IOException {
    desk = new Desk(directory);
    for (int i = 1; i <= 5; i++) {
      desk.file("web", "text " + i);
      desk.run("build", "web").with(0);
    }
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  /** The first turns are too late by one tag. */
  private CollectReport collect(Store store, int late) throws IOException {
    return Collecting.run(
        store,
        notices::add,
        (collector, last) -> {
          KeepRules rules =
              new KeepRules(
                  store.profiles(),
                  Settings.NONE,
                  new Retention(List.of(new Retention.KeepLast(1))),
                  Desk.NOW,
                  Optional.empty());
          CollectPlan plan = collector.plan(rules, OptionalLong.empty());
          turn++;
          assertEquals(turn == 3, last);
          if (turn <= late) {
            store.roots().tag("web", "tag" + turn, turn, BECAUSE);
          }
          return collector.apply(plan, BECAUSE, Clock.systemUTC(), new TreeMap<>());
        });
  }

  private static List<Integer> numbers(Store store) throws IOException {
    return store.profiles().open("web").orElseThrow().generations().stream()
        .map(Generation::number)
        .toList();
  }

  @Test
  void whatIsTaggedMeanwhileStaysAndTheRestGoes() throws IOException {
    try (Store store = DiskStore.open(desk.store(), any -> {})) {
      CollectReport report = collect(store, 1);
      assertEquals(2, turn);
      assertEquals(3, report.generations());
      assertTrue(report.freed() > 0, report::toString);
      assertEquals(List.of(1, 5), numbers(store));
      assertEquals(1, notices.size());
      assertTrue(notices.get(0).startsWith("meanwhile web@1 is "), notices::toString);
    }
  }

  @Test
  void whoeverTagsAgainAndAgainEndsIt() throws IOException {
    try (Store store = DiskStore.open(desk.store(), any -> {})) {
      assertThrows(StoreException.Kept.class, () -> collect(store, 3));
      assertEquals(3, turn);
      assertEquals(List.of(1, 2, 3, 4, 5), numbers(store));
      try (Collector free = store.collector()) {
        assertTrue(free.plan(Collector.Policy.ALL, OptionalLong.empty()).drops().isEmpty());
      }
    }
  }
}
