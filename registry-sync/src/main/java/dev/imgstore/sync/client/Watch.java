package dev.imgstore.sync.client;

import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends what waits for too long in one place: a time-out of a socket begins again with each byte,
 * and does not count for what is written. One thread of its own, from the first guard on.
 */
final class Watch implements Closeable {
  private static final long PARTS = 8;

  private final Set<Guard> guards = ConcurrentHashMap.newKeySet();
  private final Duration limit;
  private final Patience patience;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean started;

  Watch(Patience patience) {
    this.limit = patience.window();
    this.patience = patience;
  }

  /** Over one exchange; closed with it. */
  final class Guard implements AutoCloseable {
    private final Runnable abort;
    private volatile long since;
    private volatile boolean waiting;
    private volatile boolean fired;

    private Guard(Runnable abort) {
      this.abort = abort;
    }

    /** From now on something is waited for. */
    void begin() {
      since = patience.nanos().getAsLong();
      waiting = true;
    }

    /** It came. */
    void end() {
      waiting = false;
    }

    /** True if it was ended for it took too long. */
    boolean hasFired() {
      return fired;
    }

    private void check(long now) {
      if (waiting && now - since > limit.toNanos()) {
        fired = true;
        abort.run();
      }
    }

    @Override
    public void close() {
      guards.remove(this);
    }
  }

  /** A guard who ends an exchange so. */
  synchronized Guard over(Runnable abort) {
    Guard guard = new Guard(abort);
    guards.add(guard);
    if (!started) {
      started = true;
      Thread thread = new Thread(this::run, "registry-watch");
      thread.setDaemon(true);
      thread.start();
    }
    return guard;
  }

  private void run() {
    long tick = Math.max(1, limit.toNanos() / PARTS);
    try {
      while (!closed.await(tick, TimeUnit.NANOSECONDS)) {
        long now = patience.nanos().getAsLong();
        guards.forEach(guard -> guard.check(now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
