package dev.imgstore.builder.disk.fat;

import java.nio.charset.StandardCharsets;

/** Eleven characters: eight of a base and three of an extension, each filled up with blanks. */
record ShortName(String text) {
  private static final int BASE = 8;
  private static final int EXTENSION = 3;
  private static final String SIGNS = "$%'-_@~`!(){}^#&";

  /** True if this name needs no long one: it is its own short name. */
  static boolean isShort(LongName name) {
    return ofExactly(name).equals(name.text());
  }

  private static String ofExactly(LongName name) {
    ShortName basis = basis(name);
    String extension = basis.extension();
    return extension.isEmpty() ? basis.base() : basis.base() + "." + extension;
  }

  /** FAT 1.03, "The Basis-Name Generation Algorithm", steps 1 to 5. */
  static ShortName basis(LongName name) {
    String clean = name.text().replace(" ", "");
    int first = 0;
    while (first < clean.length() && clean.charAt(first) == '.') {
      first++;
    }
    clean = clean.substring(first);
    int dot = clean.lastIndexOf('.');
    String base = dot < 0 ? clean : clean.substring(0, dot);
    String extension = dot < 0 ? "" : clean.substring(dot + 1);
    return of(legal(base.replace(".", ""), BASE), legal(extension, EXTENSION));
  }

  private static ShortName of(String base, String extension) {
    return new ShortName(
        base
            + " ".repeat(BASE - base.length())
            + extension
            + " ".repeat(EXTENSION - extension.length()));
  }

  private static String legal(String text, int length) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < length; i++) {
      out.append(legal(text.charAt(i)));
    }
    return out.toString();
  }

  private static char legal(char c) {
    if (c >= 'a' && c <= 'z') {
      return (char) (c - 'a' + 'A');
    }
    boolean kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || SIGNS.indexOf(c) >= 0;
    return kept ? c : '_';
  }

  /** With a numeric tail, for which the base is cut ("The Numeric-Tail Generation Algorithm"). */
  ShortName withTail(int number) {
    String tail = "~" + number;
    String base = base();
    return of(base.substring(0, Math.min(base.length(), BASE - tail.length())) + tail, extension());
  }

  private String base() {
    return text.substring(0, BASE).stripTrailing();
  }

  private String extension() {
    return text.substring(BASE).stripTrailing();
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** FAT 1.03, ChkSum: rotate right, add. */
  int checksum() {
    int sum = 0;
    for (byte b : bytes()) {
      sum = (((sum & 1) << 7) + (sum >> 1) + (b & 0xff)) & 0xff;
    }
    return sum;
  }
}
