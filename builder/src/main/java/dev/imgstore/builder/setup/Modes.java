package dev.imgstore.builder.setup;

import java.util.OptionalInt;

/** Modes as chmod(1) takes them. */
final class Modes {
  private Modes() {}

  /** The new mode; empty if the text is none. */
  static OptionalInt change(String text, int old, boolean directory) {
    if (text.matches("[0-7]{1,5}")) {
      int mode = Integer.parseInt(text, 8) & 07777;
      // A directory keeps its set-user and set-group bits unless five digits are given.
      boolean keep = directory && text.length() < 5 && (mode & 06000) == 0;
      return OptionalInt.of(keep ? mode | (old & 06000) : mode);
    }
    int mode = old;
    for (String clause : text.split(",", -1)) {
      if (!clause.matches("[ugoa]*([-+=][rwxXst]*)+")) {
        return OptionalInt.empty();
      }
      int at = 0;
      while ("ugoa".indexOf(clause.charAt(at)) >= 0) {
        at++;
      }
      String who = at == 0 ? "a" : clause.substring(0, at);
      while (at < clause.length()) {
        char operator = clause.charAt(at++);
        int end = at;
        while (end < clause.length() && "-+=".indexOf(clause.charAt(end)) < 0) {
          end++;
        }
        int bits = bits(who, clause.substring(at, end), mode, directory);
        mode =
            switch (operator) {
              case '+' -> mode | bits;
              case '-' -> mode & ~bits;
              default -> (mode & ~bits(who, "rwxst", mode, directory)) | bits;
            };
        at = end;
      }
    }
    return OptionalInt.of(mode);
  }

  private static int bits(String who, String what, int old, boolean directory) {
    int bits = 0;
    boolean all = who.contains("a");
    for (int i = 0; i < what.length(); i++) {
      char c = what.charAt(i);
      int one =
          switch (c) {
            case 'r' -> 0444;
            case 'w' -> 0222;
            case 'x' -> 0111;
            case 'X' -> directory || (old & 0111) != 0 ? 0111 : 0;
            default -> 0;
          };
      bits |= one & (all || who.contains("u") ? 0700 : 0);
      bits |= one & (all || who.contains("g") ? 0070 : 0);
      bits |= one & (all || who.contains("o") ? 0007 : 0);
      if (c == 's') {
        bits |= (all || who.contains("u") ? 04000 : 0) | (all || who.contains("g") ? 02000 : 0);
      } else if (c == 't') {
        bits |= 01000;
      }
    }
    return bits;
  }
}
