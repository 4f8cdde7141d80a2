package dev.imgstore.builder.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What runs the commands, as settings say it: text with {@code ${NAME}} for variables of the
 * environment. No other variable is read.
 *
 * @param parts texts, and names of variables between each two of them
 */
public record Identity(List<String> parts) {
  /** Most characters of what is recorded. */
  public static final int MAX = 200;

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]{0,63})\\}");
  private static final Pattern SECRET = Pattern.compile(".*(TOKEN|PASSW|SECRET|CREDENTIAL).*");

  /** Copies in. */
  public Identity {
    parts = List.copyOf(parts);
  }

  /**
   * Reads a text of the settings.
   *
   * @throws IllegalArgumentException with a sentence, if it is too long, has a variable without a
   *     name, or names what looks like a secret
   */
  public static Identity parse(String text) {
    if (text.length() > MAX) {
      throw new IllegalArgumentException("an identity has at most " + MAX + " characters");
    }
    List<String> parts = new ArrayList<>();
    Matcher variable = VARIABLE.matcher(text);
    int end = 0;
    while (variable.find()) {
      parts.add(text.substring(end, variable.start()));
      parts.add(variable.group(1));
      end = variable.end();
      if (SECRET.matcher(variable.group(1).toUpperCase(Locale.ROOT)).matches()) {
        throw new IllegalArgumentException(
            "an identity is written to the journal for all to read, and "
                + variable.group(1)
                + " looks like a secret");
      }
    }
    parts.add(text.substring(end));
    for (int i = 0; i < parts.size(); i += 2) {
      if (parts.get(i).contains("${")) {
        throw new IllegalArgumentException(
            "after ${ comes the name of a variable and }, as in ${CI_JOB_ID}");
      }
    }
    return new Identity(parts);
  }

  /**
   * The text with the values of its variables; empty if it has some and none is set: then this is
   * no machine that it speaks of.
   *
   * @param environment gives the value of a variable, empty if it is unset
   */
  public String in(UnaryOperator<String> environment) {
    StringBuilder text = new StringBuilder();
    boolean isSet = parts.size() == 1;
    for (int i = 0; i < parts.size(); i++) {
      String value = i % 2 == 0 ? parts.get(i) : environment.apply(parts.get(i));
      isSet |= i % 2 == 1 && !value.isBlank();
      text.append(value);
    }
    return isSet ? plain(text.toString()) : "";
  }

  /** The same for a map. */
  public String in(Map<String, String> environment) {
    return in(name -> environment.getOrDefault(name, ""));
  }

  /** One line of bounded length that forges no other part of who did something. */
  private static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    text.strip()
        .codePoints()
        .limit(MAX)
        .map(c -> isPlain(c) ? c : '?')
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static boolean isPlain(int c) {
    int type = Character.getType(c);
    return c != '('
        && c != ')'
        && c != ';'
        && type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }
}
