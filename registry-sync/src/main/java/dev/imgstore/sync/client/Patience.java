package dev.imgstore.sync.client;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long registries are waited for.
 *
 * @param connect until there is a connection
 * @param stall for the next byte
 * @param window for an answer to begin, for one read or write to end; and the time over which what
 *     is waited for must come with {@link #FLOOR}
 * @param waiting longest time that is waited in all before one request is tried again
 * @param tries how often one request is tried
 * @param pause waits between attempts
 * @param nanos a clock that only goes forward
 */
public record Patience(
    Duration connect,
    Duration stall,
    Duration window,
    Duration waiting,
    int tries,
    Pause pause,
    LongSupplier nanos) {
  /** Bytes per second that a registry must give, for it would never end else. */
  static final long FLOOR = 1024;

  private static final int TRIES = 5;

  /** Waits; tests do not. */
  @FunctionalInterface
  public interface Pause {
    /** Waits so long. */
    void of(Duration time) throws InterruptedException;
  }

  /** For what a build can do without: a registry that does not answer costs seconds. */
  public static Patience brief() {
    return new Patience(
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        Duration.ofSeconds(2),
        2,
        time -> Thread.sleep(time.toMillis()),
        System::nanoTime);
  }

  /** What is right for people. */
  public static Patience usual() {
    return new Patience(
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofMinutes(2),
        TRIES,
        time -> Thread.sleep(time.toMillis()),
        System::nanoTime);
  }
}
