package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.nio.charset.StandardCharsets;

/**
 * Walks a relationship field of an index alternative by alternative (Debian Policy 7.1), naming
 * places in the bytes and making no objects. Indexes of binary packages have no architecture
 * restrictions and no build profiles; both are refused.
 */
final class RelationScanner {
  static final int ANY = 0;
  static final int AT_MOST = 1;
  static final int AT_LEAST = 2;
  static final int LESS = 3;
  static final int MORE = 4;
  static final int EQUAL = 5;
  static final int NOT_EQUAL = 6;

  /** Where the name lies, without an architecture. */
  int nameFrom;

  int nameTo;

  /** Where the architecture after the colon lies; equal if there is none. */
  int architectureFrom;

  int architectureTo;

  /** One of the constants of this class. */
  int operator;

  /** Where the version lies; meaningless if the operator is {@link #ANY}. */
  int versionFrom;

  int versionTo;

  /** Whether the next alternative belongs to the same clause. */
  boolean or;

  private byte[] bytes = new byte[0];
  private int at;
  private int end;

  /** Begins with a field. */
  void start(byte[] field, int from, int to) {
    bytes = field;
    at = from;
    end = to;
    while (end > at && (blank(bytes[end - 1]) || bytes[end - 1] == ',')) {
      end--;
    }
    skipBlanks();
  }

  /** Goes to the next alternative; false after the last. */
  boolean next(String place, int line) throws Malformed {
    if (at >= end) {
      return false;
    }
    readName();
    skipBlanks();
    operator = ANY;
    if (at < end && bytes[at] == '(') {
      readVersion(place, line);
      skipBlanks();
    }
    or = at < end && bytes[at] == '|';
    if (nameTo == nameFrom || (at < end && bytes[at] != ',' && bytes[at] != '|')) {
      throw wrong(place, line);
    }
    at++;
    skipBlanks();
    if (or && at >= end) {
      throw wrong(place, line);
    }
    return true;
  }

  private void readName() {
    nameFrom = at;
    nameTo = -1;
    while (at < end && inName(bytes[at])) {
      at++;
    }
    nameTo = at;
    architectureFrom = at;
    architectureTo = at;
    if (at < end && bytes[at] == ':') {
      architectureFrom = ++at;
      while (at < end && inName(bytes[at])) {
        at++;
      }
      architectureTo = at;
    }
  }

  private void readVersion(String place, int line) throws Malformed {
    at++;
    skipBlanks();
    readOperator();
    skipBlanks();
    versionFrom = at;
    while (at < end && bytes[at] != ')' && !blank(bytes[at])) {
      at++;
    }
    versionTo = at;
    skipBlanks();
    if (at >= end || bytes[at] != ')' || versionTo == versionFrom) {
      throw wrong(place, line);
    }
    at++;
  }

  private void readOperator() {
    byte first = at < end ? bytes[at] : 0;
    byte second = at + 1 < end ? bytes[at + 1] : 0;
    if (first == '<' || first == '>') {
      boolean less = first == '<';
      if (second == first) {
        operator = less ? LESS : MORE;
      } else {
        operator = less ? AT_MOST : AT_LEAST;
      }
      at += second == first || second == '=' ? 2 : 1;
    } else {
      operator = EQUAL;
      at += first == '=' ? 1 : 0;
    }
  }

  private void skipBlanks() {
    while (at < end && blank(bytes[at])) {
      at++;
    }
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\n' || b == '\t' || b == '\r';
  }

  private static boolean inName(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '.'
        || b == '+'
        || (b >= 'A' && b <= 'Z')
        || b == '_'
        || b == '@';
  }

  private Malformed wrong(String place, int line) {
    int to = Math.min(end, nameFrom + 80);
    String text = new String(bytes, nameFrom, to - nameFrom, StandardCharsets.UTF_8);
    return new Malformed(place, line, "no relationship to a package at '" + text + "'");
  }
}
