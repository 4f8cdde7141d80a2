package dev.imgstore.builder.spec;

import java.util.Set;
import java.util.regex.Pattern;

/** YAML's scalars without quotes: which texts would not mean themselves (YAML 1.2.2, 10.3.2). */
final class Plain {
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
  private static final Pattern WITH_DIGEST =
      Pattern.compile("(?:[A-Za-z0-9_.-]+@)?sha256:[0-9a-f]+");
  // Of YAML 1.1 as well: most tools still read that.
  private static final Set<String> MEANING_MORE =
      Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

  private Plain() {}

  /** The text, in quotes if it needs them. */
  static String quoted(String text) {
    boolean word =
        WORD.matcher(text).matches() && MEANING_MORE.stream().noneMatch(text::equalsIgnoreCase);
    return word || WITH_DIGEST.matcher(text).matches() ? text : '"' + text + '"';
  }
}
