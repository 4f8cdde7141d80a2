package dev.imgstore.builder.spec;

/**
 * Something to say about a place of a file.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
public record Note(int line, int column, String text) {
  /** Every control character of a text is shown as {@code ?}: a file must not begin lines. */
  public Note {
    text = clean(text);
  }

  static String clean(String text) {
    return text.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9f}\\x{2028}\\x{2029}]", "?");
  }
}
