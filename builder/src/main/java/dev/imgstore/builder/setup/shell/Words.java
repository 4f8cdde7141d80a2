package dev.imgstore.builder.setup.shell;

import dev.imgstore.builder.setup.shell.Command.Redirection;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a script into words and operators (POSIX shell, 2.2 and 2.3), on demand. */
final class Words {
  private static final Pattern REDIRECTION = Pattern.compile("([0-9]?)(<<-?|>>|>&|<&|>\\||<>|>|<)");
  private static final Pattern PLAIN_WORD = Pattern.compile("[^\\s;&|<>()'\"\\\\$`#]+|!");
  private static final String SPECIAL = "@*#?-$!0123456789";

  private final String source;
  private int at;
  private int line;

  /** Where the next line begins after the texts that this line speaks of; 0 without any. */
  private int afterTexts;

  Words(String source, int line) {
    this.source = source;
    this.line = line;
  }

  int line() {
    skipBlanks();
    return line;
  }

  SyntaxFault fault(String why) {
    return new SyntaxFault(line, why);
  }

  boolean atEnd() {
    skipBlanks();
    return at >= source.length();
  }

  boolean atLineEnd() {
    return atEnd() || source.charAt(at) == '\n';
  }

  /** Whether this operator is next; the longest that fits counts for {@code ;} and {@code &}. */
  boolean at(String operator) {
    skipBlanks();
    if (!source.startsWith(operator, at)) {
      return false;
    }
    boolean longer =
        operator.length() == 1
            && at + 1 < source.length()
            && source.charAt(at + 1) == operator.charAt(0)
            && (operator.equals(";") || operator.equals("&"));
    return !longer;
  }

  boolean take(String operator) {
    if (!at(operator)) {
      return false;
    }
    at += operator.length();
    return true;
  }

  void expect(String operator) throws SyntaxFault {
    skipLines();
    if (!take(operator)) {
      throw fault("'" + operator + "' is missing before '" + peekOperatorOrWord() + "'");
    }
  }

  /** The next word if it is plain text, without taking it; empty if it is anything else. */
  String peekWord() {
    skipBlanks();
    Matcher matcher = PLAIN_WORD.matcher(source).region(at, source.length());
    if (!matcher.lookingAt()) {
      return "";
    }
    int end = matcher.end();
    boolean whole = end == source.length() || "; \t\n&|<>()".indexOf(source.charAt(end)) >= 0;
    return whole ? String.valueOf(matcher.group()) : "";
  }

  boolean takeWord(String word) {
    if (word.isEmpty() || !peekWord().equals(word)) {
      return false;
    }
    at += word.length();
    return true;
  }

  String peekOperatorOrWord() {
    skipBlanks();
    int end = Math.min(source.length(), at + 12);
    return atEnd() ? "the end" : source.substring(at, end).lines().findFirst().orElse("");
  }

  boolean atWord() {
    return !atLineEnd() && ";&|<>()".indexOf(source.charAt(at)) < 0;
  }

  boolean atRedirection() {
    skipBlanks();
    return REDIRECTION.matcher(source).region(at, source.length()).lookingAt();
  }

  Redirection redirection() throws SyntaxFault {
    Matcher matcher = REDIRECTION.matcher(source).region(at, source.length());
    if (!matcher.lookingAt()) {
      throw fault("a redirection is missing");
    }
    at = matcher.end();
    String operator = String.valueOf(matcher.group(2));
    String number = String.valueOf(matcher.group(1));
    int stream = number.isEmpty() ? (operator.startsWith("<") ? 0 : 1) : number.charAt(0) - '0';
    skipBlanks();
    if (!operator.startsWith("<<")) {
      return new Redirection(stream, operator.equals(">|") ? ">" : operator, word());
    }
    int start = at;
    Word end = word();
    boolean quoted = source.substring(start, at).matches("(?s).*['\"\\\\].*");
    StringBuilder text = new StringBuilder();
    end.parts().forEach(p -> text.append(p instanceof Word.Literal l ? l.text() : ""));
    return new Redirection(
        stream, "<<", hereDocument(text.toString(), operator.equals("<<-"), quoted));
  }

  /** The text that begins after this line, up to a line that is {@code end}. */
  private Word hereDocument(String end, boolean tabs, boolean quoted) throws SyntaxFault {
    int lineEnd = source.indexOf('\n', at);
    int cursor = Math.max(afterTexts, lineEnd < 0 ? source.length() : lineEnd + 1);
    StringBuilder text = new StringBuilder();
    while (cursor < source.length()) {
      int stop = source.indexOf('\n', cursor);
      String one = source.substring(cursor, stop < 0 ? source.length() : stop);
      cursor = stop < 0 ? source.length() : stop + 1;
      String cut = tabs ? one.replaceFirst("^\\t+", "") : one;
      if (cut.equals(end)) {
        afterTexts = cursor;
        return quoted
            ? new Word(List.of(new Word.Literal(text.toString(), true)))
            : new Words(text.toString(), line).quotedUntil('\0', true);
      }
      text.append(cut).append('\n');
    }
    throw fault("the text up to '" + end + "' has no end");
  }

  private void skipBlanks() {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == ' ' || c == '\t' || c == '\r') {
        at++;
      } else if (c == '\\' && at + 1 < source.length() && source.charAt(at + 1) == '\n') {
        at += 2;
        line++;
      } else if (c == '#') {
        int end = source.indexOf('\n', at);
        at = end < 0 ? source.length() : end;
      } else {
        return;
      }
    }
  }

  void skipLines() {
    skipBlanks();
    while (at < source.length() && source.charAt(at) == '\n') {
      at++;
      line++;
      if (afterTexts > at) {
        line += lineBreaks(source.substring(at, afterTexts));
        at = afterTexts;
      }
      afterTexts = 0;
      skipBlanks();
    }
  }

  private static int lineBreaks(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }

  /** One word with all that is quoted in it. */
  Word word() throws SyntaxFault {
    skipBlanks();
    List<Word.Part> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    int start = at;
    while (at < source.length() && " \t\r\n;&|<>()".indexOf(source.charAt(at)) < 0) {
      char c = source.charAt(at);
      if (c == '\\') {
        flush(parts, text);
        if (at + 1 >= source.length() || source.charAt(at + 1) != '\n') {
          String escaped = at + 1 < source.length() ? source.substring(at + 1, at + 2) : "";
          parts.add(new Word.Literal(escaped, true));
        } else {
          line++;
        }
        at = Math.min(source.length(), at + 2);
      } else if (c == '\'') {
        flush(parts, text);
        parts.add(new Word.Literal(single(), true));
      } else if (c == '"') {
        flush(parts, text);
        at++;
        parts.add(new Word.Literal("", true));
        parts.addAll(quotedUntil('"', false).parts());
      } else if (c == '$' || c == '`') {
        flush(parts, text);
        parts.add(dollar(false));
      } else {
        text.append(c);
        at++;
      }
    }
    if (at == start) {
      throw fault("a word is missing before '" + peekOperatorOrWord() + "'");
    }
    flush(parts, text);
    return new Word(parts);
  }

  private static void flush(List<Word.Part> parts, StringBuilder text) {
    if (text.length() > 0) {
      parts.add(new Word.Literal(text.toString(), false));
      text.setLength(0);
    }
  }

  private String single() throws SyntaxFault {
    int end = source.indexOf('\'', at + 1);
    if (end < 0) {
      throw fault("a quote has no end");
    }
    String inside = source.substring(at + 1, end);
    line += lineBreaks(inside);
    at = end + 1;
    return inside;
  }

  /** Text in double quotes, or of a here document, to the closing character or the end. */
  private Word quotedUntil(char end, boolean document) throws SyntaxFault {
    List<Word.Part> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    while (at < source.length() && (document || source.charAt(at) != end)) {
      char c = source.charAt(at);
      if (c == '\\' && at + 1 < source.length()) {
        char next = source.charAt(at + 1);
        boolean special = next == '$' || next == '`' || next == '\\' || (next == '"' && !document);
        if (next != '\n') {
          text.append(special ? "" : "\\").append(next);
        } else {
          line++;
        }
        at += 2;
      } else if (c == '$' || c == '`') {
        if (text.length() > 0) {
          parts.add(new Word.Literal(text.toString(), true));
          text.setLength(0);
        }
        parts.add(dollar(true));
      } else {
        line += c == '\n' ? 1 : 0;
        text.append(c);
        at++;
      }
    }
    if (!document) {
      if (at >= source.length()) {
        throw fault("a quote has no end");
      }
      at++;
    }
    if (text.length() > 0) {
      parts.add(new Word.Literal(text.toString(), true));
    }
    return new Word(parts);
  }

  private Word.Part dollar(boolean quoted) throws SyntaxFault {
    if (source.charAt(at) == '`') {
      int end = at + 1;
      while (end < source.length() && source.charAt(end) != '`') {
        end += source.charAt(end) == '\\' ? 2 : 1;
      }
      if (end >= source.length()) {
        throw fault("a backquote has no end");
      }
      String inside = source.substring(at + 1, end).replaceAll("\\\\([`\\\\$])", "$1");
      Command body = Parser.parseNested(inside, line);
      at = end + 1;
      return new Word.Substitution(body, quoted);
    }
    at++;
    if (source.startsWith("((", at)) {
      int end = closing(at + 1, '(', ')');
      line += lineBreaks(source.substring(at, end));
      at = end + 1;
      return new Word.Arithmetic(quoted);
    }
    if (source.startsWith("(", at)) {
      String inside = source.substring(at + 1, closing(at + 1, '(', ')'));
      Command body = Parser.parseNested(inside, line);
      line += lineBreaks(inside);
      at += inside.length() + 2;
      return new Word.Substitution(body, quoted);
    }
    if (source.startsWith("{", at)) {
      String inside = source.substring(at + 1, closing(at + 1, '{', '}'));
      at += inside.length() + 2;
      return braces(inside, quoted);
    }
    return parameter(quoted);
  }

  private Word.Part parameter(boolean quoted) {
    if (at < source.length() && SPECIAL.indexOf(source.charAt(at)) >= 0) {
      at++;
      return new Word.Parameter(source.substring(at - 1, at), "", Word.EMPTY, quoted);
    }
    int end = at;
    while (end < source.length()
        && (Character.isLetterOrDigit(source.charAt(end)) || source.charAt(end) == '_')) {
      end++;
    }
    if (end == at) {
      return new Word.Literal("$", quoted);
    }
    String name = source.substring(at, end);
    at = end;
    return new Word.Parameter(name, "", Word.EMPTY, quoted);
  }

  private static final Pattern BRACES =
      Pattern.compile("([A-Za-z0-9_]+|[@*#?!$-])(:?[-=?+]|%%|##|%|#)?(.*)", Pattern.DOTALL);

  private Word.Part braces(String inside, boolean quoted) throws SyntaxFault {
    if (inside.matches("#[A-Za-z0-9_@*]+")) {
      return new Word.Parameter(inside.substring(1), "length", Word.EMPTY, quoted);
    }
    Matcher matcher = BRACES.matcher(inside);
    if (!matcher.matches()) {
      throw fault("'${" + inside + "}' cannot be read");
    }
    String operator = matcher.group(2) == null ? "" : matcher.group(2);
    String rest = String.valueOf(matcher.group(3));
    if (operator.isEmpty() && !rest.isEmpty()) {
      throw fault("'${" + inside + "}' cannot be read");
    }
    Word argument = new Words(rest, line).argument();
    return new Word.Parameter(String.valueOf(matcher.group(1)), operator, argument, quoted);
  }

  /** The word inside braces, which may hold blanks. */
  private Word argument() throws SyntaxFault {
    List<Word.Part> parts = new ArrayList<>();
    while (at < source.length()) {
      if (" \t\n;&|<>()".indexOf(source.charAt(at)) >= 0) {
        parts.add(new Word.Literal(source.substring(at, at + 1), false));
        at++;
      } else {
        parts.addAll(word().parts());
      }
    }
    return new Word(parts);
  }

  /** Where what opened before {@code from} closes, past quotes and nested ones. */
  private int closing(int from, char open, char close) throws SyntaxFault {
    int depth = 1;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '\'' || c == '"') {
        int end = i + 1;
        while (end < source.length() && source.charAt(end) != c) {
          end += c == '"' && source.charAt(end) == '\\' ? 2 : 1;
        }
        i = end;
      } else if (c == open) {
        depth++;
      } else if (c == close && --depth == 0) {
        return i;
      }
    }
    throw fault("'" + open + "' has no end");
  }
}
