package dev.imgstore.builder.source.fetch;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long servers are waited for.
 *
 * @param connect until there is a connection
 * @param stall for the next byte
 * @param window for an answer to begin; and the time over which what is waited for must come with
 *     {@link #FLOOR}
 * @param pause waits between attempts
 * @param tries how often a server is asked before it is given up
 * @param nanos a clock that only goes forward
 */
record Patience(
    Duration connect, Duration stall, Duration window, Pause pause, int tries, LongSupplier nanos) {
  /** Bytes per second that a server must give, for it would never end else. */
  static final long FLOOR = 1024;

  /** As many attempts as are good for most. */
  static final int TRIES = 3;

  private static final Duration SHORT = Duration.ofSeconds(3);

  /** Waits; tests do not. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  /** What is right for people. */
  static Patience usual() {
    return new Patience(
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        time -> Thread.sleep(time.toMillis()),
        TRIES,
        System::nanoTime);
  }

  /** For who failed before where somebody else helped: asked once, and not waited for. */
  Patience impatient() {
    return new Patience(shorter(connect), shorter(stall), window, pause, 1, nanos);
  }

  private static Duration shorter(Duration time) {
    return time.compareTo(SHORT) < 0 ? time : SHORT;
  }
}
