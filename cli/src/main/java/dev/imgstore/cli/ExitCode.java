package dev.imgstore.cli;

/** What the process says when it ends. The numbers are documented and never reused. */
enum ExitCode {
  /** Done. */
  DONE(0),
  /** A step failed, input was hostile, or an input is missing offline. */
  FAILED(1),
  /** Wrong usage or recipe, unknown package, missing or stale lock. */
  USAGE(2),
  /** A check found something: unreproducible, corrupt, not switched. */
  FOUND(3),
  /** Another process holds what is needed. */
  BUSY(4),
  /** Unknown REF, profile or file. */
  UNKNOWN(5),
  /** Interrupted by the user. */
  INTERRUPTED(130);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
