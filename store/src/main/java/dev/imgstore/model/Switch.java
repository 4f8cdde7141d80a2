package dev.imgstore.model;

import java.time.Instant;
import java.util.Objects;

/**
 * One change of what is current in a profile.
 *
 * @param from the number that was current before; 0 if none was
 * @param to the number that became current
 */
public record Switch(Kind kind, int from, int to, Instant when, String who, String why) {
  /** What made the change. */
  public enum Kind {
    /** A build made a new generation. */
    BUILD,
    /** Someone chose a generation. */
    SWITCH,
    /** Someone went back; {@code from} is not promoted again by an equal build. */
    ROLLBACK
  }

  /** Refuses impossible numbers. */
  public Switch {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(when);
    Objects.requireNonNull(who);
    Objects.requireNonNull(why);
    if (from < 0 || to < 1) {
      throw new IllegalArgumentException("a switch goes from a generation or 0 to a generation");
    }
  }
}
