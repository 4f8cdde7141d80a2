package dev.imgstore.builder.tar;

/**
 * What an archive may have in it.
 *
 * @param devices what becomes of device nodes
 * @param entries more than these are refused
 */
public record UnpackLimits(Devices devices, int entries) {
  /** What becomes of device nodes. */
  public enum Devices {
    /** They are nodes of the tree. */
    KEPT,
    /** An archive with one is refused. */
    REFUSED
  }

  /** Up to two million entries. */
  public static final int MOST_ENTRIES = 2_000_000;

  /** Refuses a limit that lets nothing in. */
  public UnpackLimits {
    if (entries < 1) {
      throw new IllegalArgumentException("a limit is at least 1");
    }
  }
}
