package dev.imgstore.builder.sandbox;

import java.util.Collection;

/** Words for {@code /bin/sh} (POSIX.1-2017, Shell Command Language 2.2.2). */
final class ShellText {
  private final StringBuilder text = new StringBuilder();

  /** Text that means what it says to the shell. */
  ShellText raw(String line) {
    text.append(line);
    return this;
  }

  /** A word whose every character stands for itself. */
  ShellText word(String word) {
    text.append(" '").append(word.replace("'", "'\\''")).append('\'');
    return this;
  }

  ShellText words(String... words) {
    for (String each : words) {
      word(each);
    }
    return this;
  }

  ShellText words(Collection<String> words) {
    words.forEach(this::word);
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
