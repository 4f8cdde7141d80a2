package dev.imgstore.builder.spec;

import java.util.List;

/**
 * Something to say about a place of a file.
 *
 * @param line from 1
 * @param column from 1, in characters
 * @param images texts there that may name images, as written; empty if they are not known
 */
public record Note(int line, int column, String text, List<String> images) {
  /** Every control character of a text is shown as {@code ?}: a file must not begin lines. */
  public Note {
    text = clean(text);
    images = List.copyOf(images);
  }

  /** A text of others on one line: every control character becomes {@code ?}. */
  public static String clean(String text) {
    return text.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9f}\\x{2028}\\x{2029}]", "?");
  }
}
