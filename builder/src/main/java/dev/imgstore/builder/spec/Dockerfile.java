package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The images that a Dockerfile begins with or copies from (Dockerfile reference: FROM, COPY --from,
 * RUN --mount, parser directives, here-documents).
 */
final class Dockerfile {
  private static final Pattern DIRECTIVE =
      Pattern.compile("#[ \\t]*([A-Za-z]+)[ \\t]*=[ \\t]*(\\S+)[ \\t]*");
  private static final Pattern HEREDOC = Pattern.compile("\\d*+<<(-?)([^<]+)");
  private static final Pattern MOUNT_FROM = Pattern.compile("(?:^|,)from=([^,]+)");

  /** A word of an instruction, and its bytes: more than the text if a line's end is within. */
  private record Word(String text, int at, int end) {
    Word from(int skip) {
      return new Word(text.substring(skip), at + skip, end);
    }
  }

  private record Heredoc(String end, boolean tabs, int at) {}

  private final Findings findings;
  private final String text;
  private final Set<String> stages = new HashSet<>();
  private char escape = '\\';
  private int at;

  Dockerfile(Findings findings) {
    this.findings = findings;
    this.text = findings.text().narrow();
    this.at = findings.text().start();
  }

  void read() {
    directives();
    while (at < text.length()) {
      List<Word> words = instruction();
      if (!words.isEmpty() && is(words.get(0), "ONBUILD")) {
        words = words.subList(1, words.size());
      }
      if (!words.isEmpty()) {
        look(words);
      }
    }
  }

  private static boolean is(Word word, String name) {
    return word.text().equalsIgnoreCase(name);
  }

  private void look(List<Word> words) {
    Word name = words.get(0);
    if (is(name, "FROM")) {
      from(words.subList(1, words.size()), name);
    } else if (is(name, "COPY") || is(name, "ADD")) {
      flag(words, "--from=").ifPresent(word -> image(word, name.text() + " --from"));
      heredocs(words);
    } else if (is(name, "RUN")) {
      for (Word word : words) {
        if (word.text().startsWith("--mount=")) {
          mount(word);
        }
      }
      heredocs(words);
    }
  }

  /** Comments at the very beginning that mean something; after anything else none does. */
  private void directives() {
    while (at < text.length()) {
      int end = end(at);
      Matcher matcher = DIRECTIVE.matcher(line(at, end));
      if (!matcher.matches()) {
        return;
      }
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      String value = matcher.group(2);
      if (name.equals("escape")) {
        escape = value.charAt(0);
      } else if (name.equals("syntax")) {
        String what = "what reads this file, " + Findings.shown(value) + ", is not pinned";
        findings.left(at, what, List.of(value));
      }
      at = end + 1;
    }
  }

  private int end(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private String line(int from, int end) {
    int to = end > from && text.charAt(end - 1) == '\r' ? end - 1 : end;
    return text.substring(from, to);
  }

  /** The words of the next instruction, over all the lines it goes on. */
  private List<Word> instruction() {
    List<Word> words = new ArrayList<>();
    boolean more = true;
    boolean joined = false;
    while (more && at < text.length()) {
      int end = end(at);
      String line = line(at, end);
      String content = line.stripTrailing();
      boolean comment = content.stripLeading().startsWith("#");
      boolean blank = content.isBlank();
      boolean goesOn = content.endsWith(String.valueOf(escape));
      if (!comment && !blank) {
        int length = goesOn ? content.length() - 1 : content.length();
        int known = words.size();
        words(at, length, words);
        if (joined && words.size() > known && words.get(known).at() == at) {
          Word rest = words.remove(known);
          Word begun = words.remove(known - 1);
          words.add(known - 1, new Word(begun.text() + rest.text(), begun.at(), rest.end()));
        }
        joined = goesOn && !words.isEmpty() && words.get(words.size() - 1).end() == at + length;
      }
      more = (comment || blank) ? !words.isEmpty() : goesOn;
      at = end + 1;
    }
    return words;
  }

  private void words(int begin, int length, List<Word> words) {
    int from = -1;
    for (int i = 0; i <= length; i++) {
      boolean space =
          i == length || text.charAt(begin + i) == ' ' || text.charAt(begin + i) == '\t';
      if (space && from >= 0) {
        words.add(new Word(text.substring(begin + from, begin + i), begin + from, begin + i));
        from = -1;
      } else if (!space && from < 0) {
        from = i;
      }
    }
  }

  private static Optional<Word> flag(List<Word> words, String flag) {
    return words.stream()
        .filter(word -> word.text().startsWith(flag))
        .findFirst()
        .map(word -> word.from(flag.length()));
  }

  private void from(List<Word> words, Word name) {
    List<Word> rest = words.stream().filter(word -> !word.text().startsWith("--")).toList();
    if (rest.isEmpty()) {
      findings.wrong(name.at(), "FROM names no image");
      return;
    }
    image(rest.get(0), "FROM");
    if (rest.size() == 3 && is(rest.get(1), "AS")) {
      stages.add(rest.get(2).text().toLowerCase(Locale.ROOT));
    }
  }

  private void mount(Word word) {
    Matcher matcher = MOUNT_FROM.matcher(word.text().substring("--mount=".length()));
    if (matcher.find()) {
      int begin = word.at() + "--mount=".length() + matcher.start(1);
      boolean split = word.end() - word.at() != word.text().length();
      int end = split ? word.end() : begin + matcher.group(1).length();
      image(new Word(matcher.group(1), begin, end), "RUN --mount from");
    }
  }

  private void image(Word word, String where) {
    String name = word.text().toLowerCase(Locale.ROOT);
    boolean number = name.chars().allMatch(each -> each >= '0' && each <= '9');
    if (!stages.contains(name) && !name.equals("scratch") && !(number && !where.equals("FROM"))) {
      boolean split = word.end() - word.at() != word.text().length();
      Node.Style style = split ? Node.Style.OTHER : Node.Style.PLAIN;
      findings.whole(
          new Node.Scalar(word.text(), word.at(), word.at(), word.end(), style), "", where);
    }
  }

  /** Over the here-documents that an instruction begins: whole words of it, as BuildKit says. */
  private void heredocs(List<Word> words) {
    for (Heredoc each : heredocsOf(words)) {
      boolean found = false;
      while (!found && at < text.length()) {
        int end = end(at);
        String line = line(at, end);
        found = (each.tabs() ? withoutTabs(line) : line).equals(each.end());
        at = end + 1;
      }
      if (!found) {
        findings.wrong(
            each.at(), "no line " + Findings.shown(each.end()) + " ends this here-document");
        return;
      }
    }
  }

  private static String withoutTabs(String line) {
    int from = 0;
    while (from < line.length() && line.charAt(from) == '\t') {
      from++;
    }
    return line.substring(from);
  }

  /** Words of the shell that are wholly {@code <<END}; none if a quote is never closed. */
  private List<Heredoc> heredocsOf(List<Word> words) {
    List<Heredoc> found = new ArrayList<>();
    char quote = 0;
    StringBuilder plain = new StringBuilder();
    Word first = words.get(0);
    int before = first.at();
    for (Word word : words) {
      if (quote == 0) {
        first = word;
        plain.setLength(0);
      } else { // blanks in quotes belong to a word
        String gap = text.substring(before, word.at());
        plain.append(gap.isBlank() && gap.indexOf('\n') < 0 ? gap : " ");
      }
      before = word.end();
      for (int i = 0; i < word.text().length(); i++) {
        char next = word.text().charAt(i);
        if (next == '\\' && quote != '\'' && i + 1 < word.text().length()) {
          plain.append(word.text().charAt(++i));
        } else if (quote == 0 ? next == '"' || next == '\'' : next == quote) {
          quote = quote == 0 ? next : 0;
        } else {
          plain.append(next);
        }
      }
      Matcher matcher = HEREDOC.matcher(plain);
      if (quote == 0 && isBare(first.text()) && matcher.matches()) {
        found.add(new Heredoc(matcher.group(2), !matcher.group(1).isEmpty(), first.at()));
      }
    }
    return quote == 0 ? found : List.of();
  }

  /** Whether it begins as one, without a quote. */
  private static boolean isBare(String word) {
    char first = word.charAt(0);
    return first == '<' || (first >= '0' && first <= '9');
  }
}
