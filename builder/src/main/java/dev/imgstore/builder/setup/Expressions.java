package dev.imgstore.builder.setup;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** POSIX expressions as Java's. */
final class Expressions {
  private Expressions() {}

  /** Empty if it is none that can be told. */
  static Optional<Pattern> posix(String text, boolean fixed, boolean extended, boolean anyCase) {
    if (text.length() > 500) {
      return Optional.empty();
    }
    try {
      int flags = anyCase ? Pattern.CASE_INSENSITIVE : 0;
      String regex = fixed ? Pattern.quote(text) : translate(text, extended);
      return Optional.of(Pattern.compile(regex, flags));
    } catch (PatternSyntaxException e) {
      return Optional.empty();
    }
  }

  /** Whether it is found in a line, or fits it whole; an expression too deep for us does not. */
  static boolean fits(Pattern pattern, String line, boolean whole) {
    try {
      return whole ? pattern.matcher(line).matches() : pattern.matcher(line).find();
    } catch (StackOverflowError e) {
      return false;
    }
  }

  private static String translate(String text, boolean extended) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '[') {
        int close = text.indexOf(']', text.startsWith("[^]", i) ? i + 3 : i + 2);
        while (close > 0 && text.lastIndexOf("[:", close) > i && text.charAt(close - 1) == ':') {
          close = text.indexOf(']', close + 1);
        }
        if (close < 0) {
          throw new PatternSyntaxException("no ]", text, i);
        }
        String inside = text.substring(i + 1, close).replace("\\", "\\\\");
        inside = inside.replaceAll("\\[:(\\w+):\\]", "\\\\p{$1}").replace("[", "\\[");
        out.append('[').append(classes(inside)).append(']');
        i = close;
      } else if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        boolean bare = !extended && "(){}|+?".indexOf(next) >= 0;
        out.append(bare ? "" : "\\").append(next);
      } else if (!extended && "(){}|+?".indexOf(c) >= 0) {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String classes(String text) {
    return text.replace("\\p{space}", "\\s")
        .replace("\\p{alpha}", "a-zA-Z")
        .replace("\\p{digit}", "0-9")
        .replace("\\p{alnum}", "a-zA-Z0-9")
        .replace("\\p{upper}", "A-Z")
        .replace("\\p{lower}", "a-z")
        .replace("\\p{blank}", " \\t");
  }
}
