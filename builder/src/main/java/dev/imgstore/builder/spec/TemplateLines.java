package dev.imgstore.builder.spec;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A template that is no YAML before it was filled: only lines that are {@code image: TEXT}. */
final class TemplateLines {
  private static final Pattern KEY =
      Pattern.compile("[ \\t]*+(?:- ++)?(?:image|\"image\"|'image'):[ \\t]++");

  private TemplateLines() {}

  static void read(Findings findings) {
    String text = findings.text().narrow();
    int at = findings.text().start();
    while (at < text.length()) {
      int feed = text.indexOf('\n', at);
      int end = feed < 0 ? text.length() : feed;
      Matcher key = KEY.matcher(text).region(at, end);
      if (key.lookingAt() && key.end() < end) {
        value(findings, text, key.end(), end);
      }
      at = end + 1;
    }
  }

  private static void value(Findings findings, String text, int from, int end) {
    char quote = text.charAt(from);
    boolean quoted = quote == '"' || quote == '\'';
    int begin = quoted ? from + 1 : from;
    int comment = text.indexOf(" #", begin);
    int to = quoted ? text.indexOf(quote, begin) : comment;
    to = to < 0 || to > end ? end : to;
    String rest = quoted && to < end ? text.substring(to + 1, end).strip() : "";
    String value = quoted ? text.substring(begin, to) : text.substring(begin, to).stripTrailing();
    boolean whole = !quoted || (to < end && (rest.isEmpty() || rest.startsWith("#")));
    Node.Style style = !whole ? Node.Style.OTHER : quoted ? Node.Style.QUOTED : Node.Style.PLAIN;
    findings.whole(new Node.Scalar(value, from, begin, begin + value.length(), style), "", "image");
  }
}
