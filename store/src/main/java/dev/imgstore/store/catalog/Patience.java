package dev.imgstore.store.catalog;

import java.time.Duration;

/** How long to wait for others, looking again and again. */
final class Patience {
  private static final long BETWEEN_MILLIS = 15;

  private final long until;

  Patience(Duration most) {
    this.until = System.nanoTime() + most.toNanos();
  }

  /** Waits a little; false if it has been long enough. */
  boolean goesOn() throws InterruptedException {
    if (System.nanoTime() - until >= 0) {
      return false;
    }
    Thread.sleep(BETWEEN_MILLIS);
    return true;
  }

  /** What is left. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, until - System.nanoTime()));
  }
}
