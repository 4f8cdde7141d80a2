package dev.imgstore.builder.spec;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A template that is no YAML before it was filled: only lines that are {@code image: TEXT}. */
final class TemplateLines {
  private static final Pattern KEY =
      Pattern.compile("[ \\t]*+(?:- ++)?(?:image|\"image\"|'image')[ \\t]*+:[ \\t]++");
  private static final Pattern OTHER =
      Pattern.compile("[^#\\n]*?\\bimage[\"']?+[ \\t]*+:[ \\t]*+[\"']?+([^\\s\"',}]*+)");

  private TemplateLines() {}

  static void read(Findings findings) {
    String text = findings.text().narrow();
    int at = findings.text().start();
    while (at < text.length()) {
      int feed = text.indexOf('\n', at);
      int end = feed < 0 ? text.length() : feed;
      Matcher key = KEY.matcher(text).region(at, end);
      Matcher other = OTHER.matcher(text).region(at, end);
      if (key.lookingAt() && key.end() < end && text.charAt(key.end()) != '#') {
        value(findings, text.substring(at, end), at, key.end() - at);
      } else if (other.lookingAt()) {
        String image = other.group(1);
        String what = "image is written in a way that is not read here: " + Findings.shown(image);
        findings.left(at, what, List.of(image));
      }
      at = end + 1;
    }
  }

  private static void value(Findings findings, String line, int at, int from) {
    char quote = line.charAt(from);
    boolean quoted = quote == '"' || quote == '\'';
    int begin = quoted ? from + 1 : from;
    int to = quoted ? line.indexOf(quote, begin) : line.indexOf(" #", begin);
    boolean ends = to >= 0;
    String value = line.substring(begin, ends ? to : line.length());
    String rest = quoted && ends ? line.substring(to + 1).strip() : "";
    boolean whole = !quoted || (ends && (rest.isEmpty() || rest.startsWith("#")));
    Node.Style style = !whole ? Node.Style.OTHER : quoted ? Node.Style.QUOTED : Node.Style.PLAIN;
    String text = quoted ? value : value.stripTrailing();
    int first = at + begin;
    findings.guess(new Node.Scalar(text, at + from, first, first + text.length(), style), "image");
  }
}
