package dev.imgstore.builder.source.debian.archive;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads apt.conf(5) as far as needed: nested blocks become one {@code A::B "value"} a line. */
final class AptConf {
  private static final Pattern TOKEN =
      Pattern.compile("//[^\n]*|#[^\n]*|/\\*(?s:.*?)\\*/|\"([^\"]*)\"|([{};])|([^\\s{};\"]+)");

  private AptConf() {}

  static String flat(String text) {
    StringBuilder lines = new StringBuilder();
    Deque<String> scopes = new ArrayDeque<>();
    String name = "";
    String value = "";
    boolean valued = false;
    Matcher token = TOKEN.matcher(text);
    while (token.find()) {
      if (token.group(1) != null) {
        value = token.group(1);
        valued = true;
      } else if (token.group(3) != null) {
        name = token.group(3);
      } else if ("{".equals(token.group(2))) {
        scopes.addLast(name);
        name = "";
      } else if (token.group(2) != null) {
        if (valued) {
          String path = String.join("::", scopes) + (scopes.isEmpty() ? "" : "::") + name;
          lines.append(path).append(" \"").append(value).append("\"\n");
        }
        valued = false;
        name = "";
        if ("}".equals(token.group(2)) && !scopes.isEmpty()) {
          scopes.removeLast();
        }
      }
    }
    return lines.toString();
  }
}
