package dev.imgstore.builder.tar;

import java.io.IOException;

/**
 * An archive that is not read further, because it is damaged, ambiguous, or made to harm whoever
 * unpacks it. Nothing outside the store was touched.
 */
public final class HostileArchive extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_ENTRY = 200;
  private static final int LONGEST_FAULT = 600;
  private final String archive;
  private final String entry;
  private final String fault;

  /**
   * Names the place.
   *
   * @param archive the file as a person knows it
   * @param entry the entry or part in it; empty for the archive as a whole
   * @param fault what is wrong there, without a full stop
   */
  public HostileArchive(String archive, String entry, String fault) {
    super(
        archive
            + ": "
            + (entry.isEmpty() ? "" : printable(entry, LONGEST_ENTRY) + ": ")
            + printable(fault, LONGEST_FAULT));
    this.archive = archive;
    this.entry = entry;
    this.fault = printable(fault, LONGEST_FAULT);
  }

  /** The archive as a person knows it. */
  public String archive() {
    return archive;
  }

  /** The entry or part of the archive; empty for the whole. */
  public String entry() {
    return entry;
  }

  /** What is wrong there. */
  public String fault() {
    return fault;
  }

  /** Names come from the archive: no line breaks or terminal controls, and not too long. */
  private static String printable(String text, int longest) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), longest); i++) {
      char c = text.charAt(i);
      safe.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c);
    }
    return safe.append(text.length() > longest ? "..." : "").toString();
  }
}
