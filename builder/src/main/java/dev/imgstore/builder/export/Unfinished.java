package dev.imgstore.builder.export;

/** What exports of this process have begun and not ended. */
public final class Unfinished {
  private Unfinished() {}

  /**
   * Removes all of it, and lets nothing more begin: for a process that is ending, whatever its
   * other threads do. Safe for any thread.
   */
  public static void removeAll() {
    Temporary.removeAllAtEnd();
  }
}
