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
  private static final Pattern HEREDOC =
      Pattern.compile("<<-?(?:'([^'\\s]+)'|\"([^\"\\s]+)\"|([A-Za-z0-9_.]+))");
  private static final Pattern MOUNT_FROM = Pattern.compile("(?:^|,)from=([^,]+)");

  /** A word of an instruction, and the byte where it begins. */
  private record Word(String text, int at) {
    int end() {
      return at + text.length();
    }
  }

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
      if (matcher.group(1).toLowerCase(Locale.ROOT).equals("escape")) {
        escape = matcher.group(2).charAt(0);
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
    while (more && at < text.length()) {
      int end = end(at);
      String line = line(at, end);
      String content = line.stripTrailing();
      boolean comment = content.stripLeading().startsWith("#");
      boolean blank = content.isBlank();
      boolean goesOn = content.endsWith(String.valueOf(escape));
      if (!comment && !blank) {
        words(at, goesOn ? content.length() - 1 : content.length(), words);
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
        words.add(new Word(text.substring(begin + from, begin + i), begin + from));
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
        .map(word -> new Word(word.text().substring(flag.length()), word.at() + flag.length()));
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
      image(new Word(matcher.group(1), begin), "RUN --mount from");
    }
  }

  private void image(Word word, String where) {
    String name = word.text().toLowerCase(Locale.ROOT);
    boolean number = name.chars().allMatch(each -> each >= '0' && each <= '9');
    if (!stages.contains(name) && !name.equals("scratch") && !(number && !where.equals("FROM"))) {
      findings.whole(
          new Node.Scalar(word.text(), word.at(), word.at(), word.end(), Node.Style.PLAIN),
          "",
          where);
    }
  }

  /** Over the here-documents that an instruction begins. */
  private void heredocs(List<Word> words) {
    List<String> names = new ArrayList<>();
    for (Word word : words) {
      Matcher matcher = HEREDOC.matcher(word.text());
      while (matcher.find()) {
        names.add(
            matcher.group(1) != null
                ? matcher.group(1)
                : matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
      }
    }
    for (String name : names) {
      boolean found = false;
      while (!found && at < text.length()) {
        int end = end(at);
        found = line(at, end).stripLeading().equals(name);
        at = end + 1;
      }
    }
  }
}
