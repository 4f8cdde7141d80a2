package dev.imgstore.builder.setup.shell;

import java.util.List;

/** A word before expansion (POSIX shell, 2.6). */
record Word(List<Part> parts) {
  static final Word EMPTY = new Word(List.of());

  Word {
    parts = List.copyOf(parts);
  }

  /** One piece of a word. */
  sealed interface Part {
    /** True inside quotes: the result is neither split nor a pattern. */
    boolean quoted();
  }

  /** Text as it stands. */
  record Literal(String text, boolean quoted) implements Part {}

  /**
   * A parameter.
   *
   * @param operator empty, or what follows the name inside braces: {@code :-}, {@code %%} ...
   */
  record Parameter(String name, String operator, Word argument, boolean quoted) implements Part {}

  /** The output of commands. */
  record Substitution(Command body, boolean quoted) implements Part {}

  /** Arithmetic, which is not computed. */
  record Arithmetic(boolean quoted) implements Part {}

  /** The text if there is nothing to expand and nothing quoted, else empty. */
  String plain() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      if (!(part instanceof Literal literal) || literal.quoted()) {
        return "";
      }
      text.append(literal.text());
    }
    return text.toString();
  }
}
