package dev.imgstore.store.disk;

import dev.imgstore.model.Generation;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.Random;

/** Builds, or collects, until it is killed, and prints what it was promised. */
final class WorkingProcess {
  private static final int FILES = 12;
  private static final int LENGTH = 30_000;

  private WorkingProcess() {}

  /** Store, {@code build} or {@code collect}, and a name of its own. */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[0]);
    for (int i = 0; ; i++) {
      try (DiskStore store = DiskStore.open(home, notice -> {})) {
        if (args[1].equals("build")) {
          build(store, args[2], new Random(args[2].hashCode() + 31L * i));
        } else {
          collect(store);
        }
      } catch (StoreException.Locked e) {
        // another one collects
      }
    }
  }

  /** Few files among few, so that one build finds what another's generation, or none, needs. */
  private static void build(DiskStore store, String profile, Random random) throws IOException {
    int[] seeds = random.ints(4, 1, FILES).distinct().sorted().toArray();
    Generation made = Images.commit(store, profile, LENGTH, seeds);
    System.out.println("made " + profile + " " + made.number());
    System.out.flush();
  }

  private static void collect(DiskStore store) throws IOException {
    try (Collector collector = store.collector()) {
      CollectPlan plan = collector.plan(Images.keepAll(store, 1), OptionalLong.empty());
      CollectReport report =
          collector.apply(plan, Images.BECAUSE, Clock.fixed(Images.BECAUSE.when(), ZoneOffset.UTC));
      System.out.println("collected " + report.generations() + " " + report.segments());
      System.out.flush();
    }
  }
}
