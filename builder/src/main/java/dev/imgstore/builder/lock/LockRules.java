package dev.imgstore.builder.lock;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the texts of a lock must be; both the values and the reader ask here. */
final class LockRules {
  private static final Pattern WORD = Pattern.compile("[!-~]{1,255}");
  private static final Pattern WORD_OR_NOTHING = Pattern.compile("[!-~]{0,255}");
  private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9._~+%@=,:!$&'()*;-]{1,255}");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");
  private static final int LONGEST_PATH = 2048;

  private static final Map<String, Pattern> PATTERNS =
      Map.of(
          "input",
          Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}"),
          "source",
          Pattern.compile("[0-9a-f]{16}"),
          "kind",
          Pattern.compile("[a-z][a-z0-9-]{0,31}"),
          "name",
          WORD,
          "version",
          WORD,
          "architecture",
          Pattern.compile("[a-z0-9-]{0,32}"),
          "suite",
          WORD_OR_NOTHING,
          "component",
          WORD_OR_NOTHING,
          "reason",
          WORD,
          "root",
          Pattern.compile("[a-z0-9_-]{0,63}"));

  private LockRules() {}

  /** What is wrong with a field's text; empty if nothing is. */
  static Optional<String> complaint(String field, String text) {
    if (field.equals("path")) {
      return path(text);
    }
    Pattern pattern = PATTERNS.get(field);
    if (pattern == null) {
      throw new IllegalArgumentException("a lock has no field " + field);
    }
    return pattern.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            text.isEmpty() ? "is empty" : "holds characters that no " + field + " can have");
  }

  /** Relative to a mirror: no scheme, no host, no way out. */
  private static Optional<String> path(String text) {
    if (text.startsWith("/") || SCHEME.matcher(text).matches()) {
      return Optional.of("must be relative to a mirror: no scheme, no host, no leading /");
    }
    if (text.length() > LONGEST_PATH) {
      return Optional.of("is longer than " + LONGEST_PATH + " characters");
    }
    for (String component : text.split("/", -1)) {
      if (Set.of("", ".", "..").contains(component)) {
        return Optional.of("must be plain: no empty part, no . and no .. in it");
      }
      if (!COMPONENT.matcher(component).matches()) {
        return Optional.of("holds characters that no path of a mirror has");
      }
    }
    return Optional.empty();
  }
}
