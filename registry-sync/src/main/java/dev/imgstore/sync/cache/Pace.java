package dev.imgstore.sync.cache;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How fast a cache must be to be worth waiting for.
 *
 * @param floor bytes per second of one pack; several come at once
 * @param grace the time over which it is looked at, and that is given at first
 * @param nanos a clock that only goes forward
 */
record Pace(long floor, Duration grace, LongSupplier nanos) {
  private static final long FLOOR = 50 << 10;
  private static final Duration GRACE = Duration.ofSeconds(10);

  static Pace usual() {
    return new Pace(FLOOR, GRACE, System::nanoTime);
  }

  /** Watches one pack, from the moment it is asked for. For one thread. */
  Run begin() {
    return new Run();
  }

  /** What came of one pack. */
  final class Run {
    private long since = nanos.getAsLong();
    private long bytes;

    /** So many bytes came. */
    void more(int count) throws Unavailable {
      bytes += count;
      long now = nanos.getAsLong();
      long waited = now - since;
      if (waited < grace.toNanos()) {
        return;
      }
      double rate = bytes * 1e9 / waited;
      if (rate < floor) {
        throw new Unavailable(
            "it is too slow: " + (long) rate / 1024 + " KiB/s, and building is faster");
      }
      since = now;
      bytes = 0;
    }
  }
}
