package dev.imgstore.builder.yaml;

import java.io.Reader;
import java.util.Objects;

/**
 * Reads a text so that no read ends between the two halves of a character beyond U+FFFF: the YAML
 * library, which reads in blocks, has no room for the second half. For one thread; nothing to
 * close.
 */
public final class WholeCharacters extends Reader {
  private final String text;
  private int at;

  /** From the beginning of the text. */
  public WholeCharacters(String text) {
    this.text = text;
  }

  /** As {@link Reader#read(char[], int, int)}, and less than asked for where that would split. */
  @Override
  public int read(char[] into, int from, int length) {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (at == text.length()) {
      return -1;
    }
    int end = Math.min(text.length(), at + length);
    if (end - at > 1 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    text.getChars(at, end, into, from);
    int read = end - at;
    at = end;
    return read;
  }

  @Override
  public void close() {}
}
