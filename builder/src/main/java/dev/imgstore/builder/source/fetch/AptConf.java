package dev.imgstore.builder.source.fetch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads apt.conf(5) as far as needed: nested blocks become one {@code A::B "value"} a line. */
final class AptConf {
  private static final Pattern TOKEN =
      Pattern.compile("//[^\n]*|#[^\n]*|/\\*(?s:.*?)\\*/|\"([^\"]*)\"|([{};])|([^\\s{};\"]+)");

  private AptConf() {}

  /** Settings in the order written; of one that stands there twice, the later counts. */
  static String flat(String text) {
    StringBuilder lines = new StringBuilder();
    Deque<String> scopes = new ArrayDeque<>();
    List<String> words = new ArrayList<>();
    Matcher token = TOKEN.matcher(text);
    while (token.find()) {
      String mark = token.group(2);
      if (token.group(1) != null) {
        words.add(token.group(1));
      } else if (token.group(3) != null) {
        words.add(token.group(3));
      } else if (mark != null) {
        if (mark.equals("{")) {
          scopes.addLast(words.isEmpty() ? "" : words.get(0));
        } else if (words.size() > 1) {
          String scope = String.join("::", scopes) + (scopes.isEmpty() ? "" : "::");
          lines.append(scope).append(words.get(0));
          lines.append(" \"").append(words.get(1)).append("\"\n");
        }
        words.clear();
        if (mark.equals("}") && !scopes.isEmpty()) {
          scopes.removeLast();
        }
      }
    }
    return lines.toString();
  }
}
