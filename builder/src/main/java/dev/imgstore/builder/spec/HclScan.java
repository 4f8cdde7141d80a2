package dev.imgstore.builder.spec;

/** The words of an HCL file; places are bytes of it (HCL specification, "Lexical Elements"). */
final class HclScan {
  private static final int DEEPEST = 100;

  /** What is between quotes. */
  record Quoted(String text, int from, int to) {
    static final Quoted NONE = new Quoted("", -1, -1);
  }

  private final String text;
  private int at;

  HclScan(String text, int start) {
    this.text = text;
    this.at = start;
  }

  int at() {
    return at;
  }

  boolean end() {
    return at >= text.length();
  }

  char peek() {
    return end() ? '\0' : text.charAt(at);
  }

  private boolean here(String word) {
    return text.startsWith(word, at);
  }

  void skip(int count) {
    at += count;
  }

  String slice(int from, int to) {
    return text.substring(from, to);
  }

  /** Over blanks and comments of this line, and over comments of several lines. */
  void skipSpace() throws NotRead {
    while (!end()) {
      if (peek() == ' ' || peek() == '\t' || peek() == '\r') {
        at++;
      } else if (here("/*")) {
        int close = text.indexOf("*/", at + 2);
        if (close < 0) {
          throw new NotRead(at, "this is not HCL: this comment never ends");
        }
        at = close + 2;
      } else if (peek() == '#' || here("//")) {
        int close = text.indexOf('\n', at);
        at = close < 0 ? text.length() : close;
      } else {
        return;
      }
    }
  }

  /** Over lines as well. */
  void skipLines() throws NotRead {
    skipSpace();
    while (!end() && peek() == '\n') {
      at++;
      skipSpace();
    }
  }

  boolean isLineEnd() {
    return !end() && peek() == '\n';
  }

  /** Where a value ends that began before. */
  boolean isEndOfValue() {
    char next = peek();
    return next == '\n' || next == ',' || next == '}' || next == ']' || next == ')';
  }

  /** Whether this is the arrow of a {@code for}. */
  boolean arrow() {
    return here("=>") || here("==");
  }

  /** A name; empty if there is none here. */
  String name() {
    int from = at;
    while (!end()
        && (Character.isLetterOrDigit(peek())
            || peek() == '_'
            || peek() >= 0x80
            || (at > from && (peek() == '-' || peek() == '.')))) {
      at++;
    }
    return text.substring(from, at);
  }

  /** Over a name, a number or a sign of an expression. */
  void other() {
    if (name().isEmpty()) {
      at++;
    }
  }

  /** A text in quotes, with what is interpolated into it. */
  Quoted string() throws NotRead {
    int from = at + 1;
    string(0);
    return new Quoted(text.substring(from, at - 1), from, at - 1);
  }

  private void string(int depth) throws NotRead {
    int from = at;
    at++;
    while (!end() && peek() != '"' && peek() != '\n') {
      if (here("$${") || here("%%{")) {
        at += 3;
      } else if (here("${") || here("%{")) {
        at += 2;
        template(from, depth + 1);
      } else {
        at += peek() == '\\' ? 2 : 1;
      }
    }
    if (end() || peek() != '"') {
      throw new NotRead(from, "this is not HCL: this text is never closed");
    }
    at++;
  }

  private void template(int from, int depth) throws NotRead {
    if (depth > DEEPEST) {
      throw new NotRead(from, "nested deeper than " + DEEPEST + " levels");
    }
    int open = 1;
    while (!end() && open > 0) {
      if (peek() == '"') {
        string(depth);
      } else {
        open += peek() == '{' ? 1 : peek() == '}' ? -1 : 0;
        at++;
      }
    }
  }

  /** Over a text of whole lines ({@code <<END}); false if there is none here. */
  boolean heredoc() throws NotRead {
    int from = at;
    if (!here("<<")) {
      return false;
    }
    at += here("<<-") ? 3 : 2;
    String word = name();
    if (word.isEmpty()) {
      at = from;
      return false;
    }
    int line = text.indexOf('\n', at);
    while (line >= 0) {
      int next = text.indexOf('\n', line + 1);
      int end = next < 0 ? text.length() : next;
      if (text.substring(line + 1, end).strip().equals(word)) {
        at = end;
        return true;
      }
      line = next;
    }
    throw new NotRead(from, "this is not HCL: no line " + word + " ends this text");
  }
}
