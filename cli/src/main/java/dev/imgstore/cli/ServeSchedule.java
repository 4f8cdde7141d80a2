package dev.imgstore.cli;

import dev.imgstore.cli.schedule.Due;
import dev.imgstore.cli.schedule.GcSchedule;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A server's look at the clock: collects the store that it serves if a schedule says that servers
 * do. A schedule that is set, changed or removed meanwhile is noticed at the next look.
 */
final class ServeSchedule implements Runnable {
  private static final int SECONDS_BETWEEN_LOOKS = 20;

  private final Imgstore root;
  private final String who;
  private final CountDownLatch end;
  private final ScheduledRun.Runs runs = new ScheduledRun.Runs();

  /**
   * Of one server.
   *
   * @param who in whose name it collects
   * @param end when it is over
   */
  ServeSchedule(Imgstore root, String who, CountDownLatch end) {
    this.root = root;
    this.who = who;
    this.end = end;
  }

  @Override
  public void run() {
    try {
      while (!end.await(SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server has ended
    }
  }

  /** One look; what goes wrong is said, and the server goes on. */
  void look() {
    try (Store store = DiskStore.open(root.home(), root.context().clock(), root::notice)) {
      Optional<Schedule> kept = store.roots().schedule();
      if (kept.isEmpty() || GcSchedule.runner(kept.get()) != GcSchedule.Runner.SERVE) {
        return;
      }
      ScheduledRun.Ran ran = new ScheduledRun(root, store, who, runs).run();
      if (ran.kind() != Due.Kind.NOT) {
        root.notice("collected (" + ran.kind().word() + "): " + ran.sentence());
        Instant now = root.context().clock().instant().truncatedTo(ChronoUnit.SECONDS);
        Checkpoints.follow(root, store, new Because(now, who, "settings ask for it"));
      }
    } catch (StoreException.Locked e) {
      root.notice("the collection waits for the next look: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      root.explain("the collection by schedule failed", e);
    } catch (Error e) {
      // for instance no memory: the next look may have more, and must come
      root.explain("the collection by schedule failed", new IOException(String.valueOf(e), e));
    }
  }
}
