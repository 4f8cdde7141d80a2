package dev.imgstore.builder.source.debian;

/**
 * A package version, {@code [epoch:]upstream[-revision]}, and the order of Debian Policy 5.6.12.
 *
 * <p>The text is kept as written: {@code 1.0} and {@code 0:1.0-0} compare as equal but are not
 * {@code equals}, because a lock must name the version the archive names.
 *
 * @param text as the archive writes it
 */
public record DebianVersion(String text) implements Comparable<DebianVersion> {
  private static final int LONGEST = 512;

  /** Refuses what Debian Policy 5.6.12 does not allow, saying which part is wrong. */
  public DebianVersion {
    String fault = fault(text);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' is no Debian version: " + fault);
    }
  }

  /** What is wrong with the text as a version; empty if nothing. */
  public static String fault(String text) {
    if (text.isEmpty()) {
      return "it is empty";
    }
    if (text.length() > LONGEST) {
      return "it is longer than " + LONGEST + " characters";
    }
    int colon = text.indexOf(':');
    for (int i = 0; i < colon; i++) {
      if (!isDigit(text.charAt(i))) {
        return "the part before the colon is not a number";
      }
    }
    if (colon == 0 || colon > 9) {
      return "the part before the colon is not a small number";
    }
    int dash = text.lastIndexOf('-');
    int end = dash < 0 ? text.length() : dash;
    if (end <= colon + 1) {
      return "it has no upstream part";
    }
    if (dash == text.length() - 1) {
      return "it ends in a dash";
    }
    for (int i = colon + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean allowed =
          isDigit(c)
              || isLetter(c)
              || c == '.'
              || c == '+'
              || c == '~'
              || (i < end && (c == '-' || (c == ':' && colon >= 0)))
              || i == dash;
      if (!allowed) {
        return "it has the character '" + c + "'";
      }
    }
    return "";
  }

  @Override
  public int compareTo(DebianVersion other) {
    return compare(text, other.text);
  }

  @Override
  public String toString() {
    return text;
  }

  /**
   * Compares two versions as written, without checking their form, so that the many versions of an
   * index need no object each. A missing epoch is 0; a missing revision is older than any but equal
   * to one of only zeros.
   *
   * @return negative, zero or positive as {@code a} is older, equal or newer
   */
  public static int compare(String a, String b) {
    if (a.equals(b)) {
      return 0;
    }
    int colonA = a.indexOf(':');
    int colonB = b.indexOf(':');
    int order = compareNumbers(a, 0, Math.max(colonA, 0), b, 0, Math.max(colonB, 0));
    if (order != 0) {
      return order;
    }
    int dashA = lastDash(a, colonA);
    int dashB = lastDash(b, colonB);
    order = comparePart(a, colonA + 1, dashA, b, colonB + 1, dashB);
    if (order != 0) {
      return order;
    }
    return comparePart(
        a,
        Math.min(dashA + 1, a.length()),
        a.length(),
        b,
        Math.min(dashB + 1, b.length()),
        b.length());
  }

  private static int lastDash(String text, int colon) {
    int dash = text.lastIndexOf('-');
    return dash <= colon ? text.length() : dash;
  }

  /** Policy's rule for the upstream part and for the revision: words and numbers in turn. */
  private static int comparePart(String a, int from, int endA, String b, int start, int endB) {
    int i = from;
    int j = start;
    while (i < endA || j < endB) {
      while ((i < endA && !isDigit(a.charAt(i))) || (j < endB && !isDigit(b.charAt(j)))) {
        int order = weight(a, i, endA) - weight(b, j, endB);
        if (order != 0) {
          return order;
        }
        i++;
        j++;
      }
      int numberA = i;
      int numberB = j;
      while (i < endA && isDigit(a.charAt(i))) {
        i++;
      }
      while (j < endB && isDigit(b.charAt(j))) {
        j++;
      }
      int order = compareNumbers(a, numberA, i, b, numberB, j);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** A tilde sorts before the end, the end before letters, letters before all else. */
  private static int weight(String text, int at, int end) {
    if (at >= end) {
      return 0;
    }
    char c = text.charAt(at);
    if (c == '~') {
      return -1;
    }
    if (isDigit(c)) {
      return 0;
    }
    return isLetter(c) ? c : c + 256;
  }

  /** Compares runs of digits of any length; an empty run is zero. */
  private static int compareNumbers(String a, int from, int endA, String b, int start, int endB) {
    int i = from;
    int j = start;
    while (i < endA && a.charAt(i) == '0') {
      i++;
    }
    while (j < endB && b.charAt(j) == '0') {
      j++;
    }
    int order = Integer.compare(endA - i, endB - j);
    while (order == 0 && i < endA) {
      order = Character.compare(a.charAt(i++), b.charAt(j++));
    }
    return order;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
