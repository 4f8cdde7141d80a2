package dev.imgstore.builder.spec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes of an HCL file (HCL Native Syntax Specification, "Structural Elements"), with the
 * bytes of those that are plain texts. What an expression means is not asked.
 */
final class Hcl {
  private static final int DEEPEST = 100;
  private static final int MOST = 1_000_000;

  /**
   * A value, and where it stands: types and labels of blocks, names of attributes, keys of objects,
   * {@code [0]} for items of tuples.
   *
   * @param scalar its text, if it is one in quotes; of another style if it is any other expression
   */
  record Attribute(List<String> path, Node.Scalar scalar) {
    Attribute {
      path = List.copyOf(path);
    }
  }

  private final HclScan scan;
  private final List<String> path = new ArrayList<>();
  private final List<Attribute> found = new ArrayList<>();

  private Hcl(HclScan scan) {
    this.scan = scan;
  }

  /**
   * Reads all attributes, in their order.
   *
   * @throws NotRead if the file is not HCL, or beyond the bounds
   */
  static List<Attribute> read(SpecText text) throws NotRead {
    HclScan scan = new HclScan(text.narrow(), text.start());
    Hcl hcl = new Hcl(scan);
    hcl.body(false);
    return hcl.found;
  }

  private void body(boolean block) throws NotRead {
    while (true) {
      scan.skipLines();
      if (scan.end() ? !block : block && scan.peek() == '}') {
        return;
      }
      int at = scan.at();
      String name = scan.peek() == '"' ? unquoted(scan.string()) : scan.name();
      if (name.isEmpty()) {
        throw new NotRead(at, "this is not HCL: an attribute or a block begins with a name");
      }
      item(name, at);
    }
  }

  /** What comes after the name of an attribute or a block. */
  private void item(String name, int at) throws NotRead {
    int depth = path.size();
    push(name, at);
    scan.skipSpace();
    if (scan.peek() == '=') {
      scan.skip(1);
      value();
    } else {
      while (scan.peek() != '{') {
        int label = scan.at();
        String text = scan.peek() == '"' ? unquoted(scan.string()) : scan.name();
        if (text.isEmpty()) {
          throw new NotRead(label, "this is not HCL: after a name comes = or {");
        }
        push(text, label);
        scan.skipSpace();
      }
      scan.skip(1);
      body(true);
      scan.skip(1);
    }
    pop(depth);
  }

  private void push(String step, int at) throws NotRead {
    if (path.size() >= DEEPEST) {
      throw new NotRead(at, "nested deeper than " + DEEPEST + " levels");
    }
    path.add(step);
  }

  private void pop(int depth) {
    while (path.size() > depth) {
      path.remove(path.size() - 1);
    }
  }

  /** An expression, up to a line's end, a comma, or a bracket that it has not opened. */
  private void value() throws NotRead {
    scan.skipSpace();
    int from = scan.at();
    int parts = 0;
    boolean text = false;
    HclScan.Quoted quoted = HclScan.Quoted.NONE;
    while (!scan.end() && !scan.isEndOfValue()) {
      char next = scan.peek();
      parts++;
      if (next == '"') {
        quoted = scan.string();
        text = true;
      } else if (next == '<' && scan.heredoc()) {
        text = true;
      } else if (next == '{' || next == '[' || next == '(') {
        bracket(next);
      } else {
        scan.other();
      }
      scan.skipSpace();
    }
    if (parts == 0) {
      throw new NotRead(from, "this is not HCL: a value is missing");
    }
    if (found.size() >= MOST) {
      throw new NotRead(from, "a file has at most " + MOST + " values");
    }
    if (parts == 1 && quoted.from() >= 0) {
      found.add(new Attribute(path, scalar(quoted)));
    } else if (text) {
      String all = utf8(scan.slice(from, scan.at()));
      found.add(new Attribute(path, new Node.Scalar(all, from, from, scan.at(), Node.Style.OTHER)));
    }
  }

  private void bracket(char open) throws NotRead {
    int at = scan.at();
    int depth = path.size();
    scan.skip(1);
    char close = open == '{' ? '}' : open == '[' ? ']' : ')';
    for (int number = 0; ; number++) {
      scan.skipLines();
      if (scan.end()) {
        throw new NotRead(at, "this is not HCL: this bracket is never closed");
      }
      if (scan.peek() == close) {
        break;
      }
      if (open == '{') {
        key(at);
      } else {
        push(open == '[' ? "[" + number + "]" : "()", at);
        value();
      }
      pop(depth);
      scan.skipLines();
      if (!scan.end() && scan.peek() == ',') {
        scan.skip(1);
      }
    }
    scan.skip(1);
  }

  /** A key of an object with its value, or the parts of a {@code for}. */
  private void key(int open) throws NotRead {
    int at = scan.at();
    String name = scan.peek() == '"' ? unquoted(scan.string()) : scan.name();
    scan.skipSpace();
    boolean named = !name.isEmpty() && !scan.end();
    if (named && (scan.peek() == ':' || (scan.peek() == '=' && !scan.arrow()))) {
      push(name, at);
      scan.skip(1);
      scan.skipLines();
      value();
      return;
    }
    push("()", open);
    while (!scan.end() && scan.peek() != '}' && scan.peek() != ',') {
      if (!scan.isEndOfValue()) {
        value();
      } else if (scan.isLineEnd()) {
        scan.skipLines();
      } else {
        throw new NotRead(scan.at(), "this is not HCL: this bracket was not opened");
      }
      if (!scan.end() && scan.peek() == ',' && name.equals("for")) {
        scan.skip(1);
      }
      if (!name.equals("for") && scan.isLineEnd()) {
        return;
      }
    }
  }

  private static Node.Scalar scalar(HclScan.Quoted quoted) {
    String value = unquoted(quoted);
    boolean same = value.indexOf('\\') < 0;
    return new Node.Scalar(
        value,
        quoted.from() - 1,
        quoted.from(),
        quoted.to(),
        same ? Node.Style.QUOTED : Node.Style.OTHER);
  }

  private static String unquoted(HclScan.Quoted quoted) {
    return utf8(quoted.text());
  }

  private static String utf8(String narrow) {
    return new String(narrow.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
