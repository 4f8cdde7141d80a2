package dev.imgstore.model;

import java.util.Objects;

/**
 * One mistake in something a person wrote.
 *
 * @param file as the person named it
 * @param line from 1; 0 if the mistake has no place
 * @param column from 1; 0 if the mistake has no place
 * @param text one sentence: what is wrong and what to write instead
 */
public record Problem(String file, int line, int column, String text) {
  /** Refuses null and negative places. */
  public Problem {
    Objects.requireNonNull(file);
    Objects.requireNonNull(text);
    if (line < 0 || column < 0) {
      throw new IllegalArgumentException("negative place");
    }
  }

  @Override
  public String toString() {
    return line == 0 ? file + ": " + text : file + ":" + line + ":" + column + ": " + text;
  }
}
