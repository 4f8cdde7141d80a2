package dev.imgstore.builder.recipe;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes, as people write them. */
final class Sizes {
  private static final Map<String, Integer> SHIFTS =
      Map.of("", 0, "k", 10, "m", 20, "g", 30, "t", 40);
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,14})([kmgt]?)");

  /** In bytes. */
  static final long MOST = 1L << 50;

  private Sizes() {}

  /** Bytes of a size like {@code 512m} or {@code 2g}; k, m, g and t are powers of 1024. */
  static Parsed<Long> bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (size.matches()) {
      long count = Long.parseLong(size.group(1));
      int shift = SHIFTS.getOrDefault(size.group(2), 0);
      if (count <= MOST >> shift) {
        return new Parsed.Good<>(count << shift);
      }
    }
    return new Parsed.Bad<>(
        Complaints.quote(text) + " is no size up to 1024t; it looks like `512m`, `2g` or `65536`");
  }
}
