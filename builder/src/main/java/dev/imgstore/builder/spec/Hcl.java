package dev.imgstore.builder.spec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The attributes of an HCL file (HCL Native Syntax Specification, "Structural Elements"), with the
 * bytes of those that are plain texts. What an expression means is not asked: what stands within
 * one is of another style, so that nobody changes it. Only objects, tuples and brackets around one
 * value are looked into, and the functions that write an object down.
 */
final class Hcl {
  private static final int DEEPEST = 100;
  private static final int MOST = 1_000_000;
  private static final int SHOWN = 200;

  /** What is no name, or names an image that is read where it is declared. */
  private static final Pattern VALUES =
      Pattern.compile("[0-9-]|(?:true|false|null)$|docker_(?:registry_)?image[.]");

  private static final Set<String> WRITERS = Set.of("jsonencode", "yamlencode");

  /**
   * A value, and where it stands: types and labels of blocks, names of attributes, keys of objects,
   * {@code [0]} for items of tuples.
   *
   * @param name which step is the attribute's name: before it are blocks, behind it its value
   * @param scalar its text, if it is one in quotes; of another style if it is any other expression,
   *     or within one
   */
  record Attribute(List<String> path, int name, Node.Scalar scalar) {
    Attribute {
      path = List.copyOf(path);
    }
  }

  private final HclScan scan;
  private final List<String> path = new ArrayList<>();
  private final List<Attribute> found = new ArrayList<>();
  private int name;
  private boolean lines; // whether a line's end is only a blank, as within ( and [

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
      this.name = depth;
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

  private void skip() throws NotRead {
    if (lines) {
      scan.skipLines();
    } else {
      scan.skipSpace();
    }
  }

  private boolean isEnd() {
    return scan.end() || (scan.isEndOfValue() && !(lines && scan.isLineEnd()));
  }

  /** An expression, up to a line's end, a comma, or a bracket that it has not opened. */
  private void value() throws NotRead {
    skip();
    int from = scan.at();
    int to = from;
    int before = found.size();
    List<String> parts = new ArrayList<>(); // the first ones
    List<Attribute> texts = new ArrayList<>();
    HclScan.Quoted quoted = HclScan.Quoted.NONE;
    while (!isEnd()) {
      int at = scan.at();
      char next = scan.peek();
      String part = String.valueOf(next);
      if (next == '"') {
        quoted = scan.string();
        texts.add(other(at));
      } else if (next == '<' && scan.heredoc()) {
        part = "<<";
        texts.add(other(at));
      } else if (next == '{' || next == '[' || next == '(') {
        bracket(next);
      } else {
        scan.other();
        part = scan.slice(at, Math.min(scan.at(), at + SHOWN));
      }
      if (parts.size() < 3) {
        parts.add(part);
      }
      to = scan.at();
      skip();
    }
    if (parts.isEmpty()) {
      throw new NotRead(from, "this is not HCL: a value is missing");
    }
    if (found.size() >= MOST) {
      throw new NotRead(from, "a file has at most " + MOST + " values");
    }
    if (parts.equals(List.of("\""))) {
      found.add(new Attribute(path, name, scalar(quoted)));
    } else if (!isLookedInto(parts)
        && (!texts.isEmpty() || found.size() > before || isNamed(parts))) {
      if (parts.size() > 1) {
        found.addAll(texts);
      }
      within(before);
      boolean whole = parts.size() == 1;
      String all = utf8(scan.slice(from, whole ? to : Math.min(to, from + SHOWN)));
      Node.Scalar other = new Node.Scalar(all, from, from, to, Node.Style.OTHER);
      found.add(before, new Attribute(path, name, other));
    }
  }

  /** Whether it is what is elsewhere called otherwise, and is called an image here. */
  private boolean isNamed(List<String> parts) {
    String last = path.get(path.size() - 1);
    boolean image =
        Overlooked.isOne(last)
            || Overlooked.isSeveral(last)
            || Overlooked.isTag(last)
            || HclRules.OTHERS.contains(last)
            || last.equals("image_uri");
    return image && !VALUES.matcher(parts.get(0)).lookingAt();
  }

  /** A text of an expression, which ends here. */
  private Attribute other(int at) {
    String text = utf8(scan.slice(at, scan.at()));
    return new Attribute(path, name, new Node.Scalar(text, at, at, scan.at(), Node.Style.OTHER));
  }

  private static boolean isLookedInto(List<String> parts) {
    String bracket = parts.get(parts.size() - 1);
    return parts.size() == 1
        ? bracket.equals("{") || bracket.equals("[") || bracket.equals("(")
        : parts.size() == 2 && WRITERS.contains(parts.get(0)) && bracket.equals("(");
  }

  /** What was found from there on stands in an expression. */
  private void within(int from) {
    for (int i = from; i < found.size(); i++) {
      Attribute each = found.get(i);
      Node.Scalar was = each.scalar();
      if (was.style() != Node.Style.OTHER) {
        found.set(
            i,
            new Attribute(
                each.path(),
                each.name(),
                new Node.Scalar(was.value(), was.at(), was.from(), was.to(), Node.Style.OTHER)));
      }
    }
  }

  private void bracket(char open) throws NotRead {
    int at = scan.at();
    int depth = path.size();
    boolean outside = lines;
    lines = open != '{';
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
    lines = outside;
  }

  /** A key of an object with its value, or what is put together. */
  private void key(int open) throws NotRead {
    int at = scan.at();
    String key = scan.peek() == '"' ? unquoted(scan.string()) : scan.name();
    scan.skipSpace();
    boolean named = !key.isEmpty() && !scan.end();
    if (named && (scan.peek() == ':' || (scan.peek() == '=' && !scan.arrow()))) {
      push(key, at);
      scan.skip(1);
      scan.skipLines();
      value();
      return;
    }
    push("()", open);
    int before = found.size();
    parts(key.equals("for"));
    within(before);
  }

  /** The parts of a {@code for}, or a key that is an expression with its value. */
  private void parts(boolean loop) throws NotRead {
    while (!scan.end() && scan.peek() != '}' && scan.peek() != ',') {
      if (!scan.isEndOfValue()) {
        value();
      } else if (scan.isLineEnd()) {
        scan.skipLines();
      } else {
        throw new NotRead(scan.at(), "this is not HCL: this bracket was not opened");
      }
      if (!scan.end() && scan.peek() == ',' && loop) {
        scan.skip(1);
      }
      if (!loop && scan.isLineEnd()) {
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
