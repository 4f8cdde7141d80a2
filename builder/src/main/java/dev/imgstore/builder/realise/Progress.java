package dev.imgstore.builder.realise;

/** Told how far long work is. Called from many threads. */
public interface Progress {
  /** Says nothing. */
  Progress NONE = (phase, done, total) -> {};

  /**
   * How far one phase is.
   *
   * @param phase for instance {@code unpacking}
   * @param done of {@code total} units; a phase is over when they are equal
   */
  void at(String phase, long done, long total);

  /**
   * The result of an action was known, and nothing runs for it.
   *
   * @param action what would have run, for instance {@code unpacking}
   */
  default void reused(String action) {}

  /**
   * An action runs, since no result of it was known.
   *
   * @param action what runs, for instance {@code unpacking}
   */
  default void ran(String action) {}
}
