package dev.imgstore.store;

import java.util.List;

/**
 * What a repair found, mended, and could not mend.
 *
 * @param before what was wrong
 * @param mended what was put right, and how
 * @param notes why something could not be tried
 * @param after what is still wrong, with all that is lost by it; the same as {@code before} if
 *     nothing was mended
 */
public record RepairReport(
    CheckReport before, List<Mended> mended, List<String> notes, CheckReport after) {
  /** Copies in. */
  public RepairReport {
    mended = List.copyOf(mended);
    notes = List.copyOf(notes);
  }

  /**
   * Something that was put right.
   *
   * @param file the file of the store in which it was damaged
   * @param what digest or profile
   * @param how a few words: {@code from the mirrors}
   */
  public record Mended(String file, String what, String how) {}
}
