package dev.imgstore.builder.source.debian;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.Relation.Operator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A whole relationship field, such as {@code Depends} (Debian Policy 7.1): all clauses must hold, a
 * clause holds if one of its alternatives does.
 *
 * @param clauses in the order of the field; none is empty
 */
public record Relations(List<List<Relation>> clauses) {
  private static final int LONGEST = 1 << 20;

  private static final Pattern ALTERNATIVE =
      Pattern.compile(
          "([A-Za-z0-9][A-Za-z0-9+.-]*)(?::([a-z0-9-]+))?"
              + "\\s*(?:\\(\\s*(<<|<=|=|>=|>>|<|>)?\\s*([^\\s()]+)\\s*\\))?"
              + "\\s*(?:\\[([^\\[\\]]*)])?");

  /** Copies the lists; refuses an empty clause. */
  public Relations {
    clauses = clauses.stream().map(List::copyOf).toList();
    if (clauses.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("a clause has at least one alternative");
    }
  }

  /**
   * Reads a field's value. Old packages' {@code <} and {@code >} mean {@code <=} and {@code >=},
   * and a version without an operator means {@code =}, as dpkg reads them.
   *
   * @param place the field and its package, for complaints
   */
  public static Relations read(String place, String value) throws Malformed {
    if (value.length() > LONGEST) {
      throw new Malformed(place, 0, "the field is longer than " + LONGEST + " characters");
    }
    List<List<Relation>> clauses = new ArrayList<>();
    String text = value.strip();
    if (text.endsWith(",")) {
      text = text.substring(0, text.length() - 1).strip();
    }
    if (text.isEmpty()) {
      return new Relations(clauses);
    }
    for (String clause : text.split(",", -1)) {
      List<Relation> alternatives = new ArrayList<>();
      for (String alternative : clause.split("\\|", -1)) {
        alternatives.add(readOne(place, alternative.strip()));
      }
      clauses.add(alternatives);
    }
    return new Relations(clauses);
  }

  private static Relation readOne(String place, String text) throws Malformed {
    Matcher matcher = ALTERNATIVE.matcher(text);
    if (!matcher.matches()) {
      throw new Malformed(place, 0, "'" + text + "' is no relationship to a package");
    }
    String architecture = orEmpty(matcher.group(2));
    String version = orEmpty(matcher.group(4));
    Operator operator = version.isEmpty() ? Operator.ANY : operator(orEmpty(matcher.group(3)));
    if (!version.isEmpty() && !DebianVersion.fault(version).isEmpty()) {
      throw new Malformed(
          place, 0, "in '" + text + "' the version is wrong: " + DebianVersion.fault(version));
    }
    return new Relation(
        matcher.group(1), architecture, operator, version, restrictions(place, text, matcher));
  }

  private static List<String> restrictions(String place, String text, Matcher matcher)
      throws Malformed {
    String inside = matcher.group(5);
    if (inside == null) {
      return List.of();
    }
    List<String> words = inside.isBlank() ? List.of() : Arrays.asList(inside.strip().split("\\s+"));
    long negative = words.stream().filter(word -> word.startsWith("!")).count();
    if (words.isEmpty() || (negative != 0 && negative != words.size())) {
      throw new Malformed(
          place, 0, "in '" + text + "' the architectures must be all plain or all with '!'");
    }
    return words;
  }

  private static Operator operator(String text) {
    return switch (text) {
      case "<<" -> Operator.LESS;
      case "<=", "<" -> Operator.AT_MOST;
      case ">=", ">" -> Operator.AT_LEAST;
      case ">>" -> Operator.MORE;
      default -> Operator.EQUAL;
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** As it is written in a field. */
  @Override
  public String toString() {
    return clauses.stream()
        .map(clause -> clause.stream().map(Relation::toString).collect(Collectors.joining(" | ")))
        .collect(Collectors.joining(", "));
  }
}
