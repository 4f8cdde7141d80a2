package dev.imgstore.builder.setup.shell;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Shell patterns (POSIX shell, 2.13). In a pattern {@code \} takes a character as it is. */
public final class Globs {
  private Globs() {}

  /** The text with everything special in it made plain. */
  static String escape(String text) {
    return text.replaceAll("[*?\\[\\]\\\\]", "\\\\$0");
  }

  /** Whether there is anything special in it. */
  static boolean isPattern(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '*' || c == '?' || c == '[') {
        return true;
      }
    }
    return false;
  }

  /** The text without the marks that {@link #escape} set. */
  static String unescape(String text) {
    return text.replaceAll("(?s)\\\\(.)", "$1");
  }

  /** Whether the whole text fits. */
  public static boolean matches(String pattern, String text) {
    return compile(pattern, true).matcher(text).matches();
  }

  /** As an expression; the shortest fits first unless {@code greedy}. */
  static Pattern compile(String glob, boolean greedy) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      int close = c == '[' ? glob.indexOf(']', i + 2) : -1;
      if (c == '*') {
        regex.append(greedy ? ".*" : ".*?");
      } else if (c == '?') {
        regex.append('.');
      } else if (close > 0) {
        String inside = glob.substring(i + 1, close).replace("\\", "\\\\").replace("&&", "&\\&");
        regex.append('[').append(inside.startsWith("!") ? "^" + inside.substring(1) : inside);
        regex.append(']');
        i = close;
      } else {
        if (c == '\\' && i + 1 < glob.length()) {
          c = glob.charAt(++i);
        }
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    try {
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      return Pattern.compile(Pattern.quote(unescape(glob)));
    }
  }
}
