package dev.imgstore.builder.source.debian;

import java.util.List;
import java.util.Objects;

/**
 * One alternative of a relationship field (Debian Policy 7.1): {@code name:arch (op version) [arch
 * ...]}.
 *
 * @param name a package or a virtual package
 * @param architecture {@code any}, {@code native}, an architecture, or empty for the depending
 *     package's own
 * @param operator {@link Operator#ANY} where no version is asked for
 * @param version empty where no version is asked for
 * @param restrictions architectures this holds for, or with a leading {@code !} does not; empty
 *     means all
 */
public record Relation(
    String name,
    String architecture,
    Operator operator,
    String version,
    List<String> restrictions) {

  /** How a version is compared. */
  public enum Operator {
    /** No version is asked for. */
    ANY(""),
    /** Older. */
    LESS("<<"),
    /** Older or equal. */
    AT_MOST("<="),
    /** Equal. */
    EQUAL("="),
    /** Newer or equal. */
    AT_LEAST(">="),
    /** Newer. */
    MORE(">>");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** As it is written in a field. */
    public String text() {
      return text;
    }

    /** Whether a version that compares as {@code order} with the one asked for will do. */
    public boolean accepts(int order) {
      return switch (this) {
        case ANY -> true;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case EQUAL -> order == 0;
        case AT_LEAST -> order >= 0;
        case MORE -> order > 0;
      };
    }
  }

  /** Copies the list; refuses an operator without a version and the reverse. */
  public Relation {
    Objects.requireNonNull(name);
    Objects.requireNonNull(architecture);
    restrictions = List.copyOf(restrictions);
    if ((operator == Operator.ANY) != version.isEmpty()) {
      throw new IllegalArgumentException("an operator goes with a version");
    }
  }

  /** Whether this holds for packages of that architecture, by its restrictions. */
  public boolean appliesTo(String wanted) {
    if (restrictions.isEmpty()) {
      return true;
    }
    boolean negative = restrictions.get(0).startsWith("!");
    for (String restriction : restrictions) {
      if (matches(negative ? restriction.substring(1) : restriction, wanted)) {
        return !negative;
      }
    }
    return negative;
  }

  private static boolean matches(String restriction, String wanted) {
    return restriction.equals(wanted)
        || restriction.equals("any")
        || restriction.equals("linux-any")
        || restriction.equals("any-" + wanted);
  }

  /** Whether a package of that version will do. */
  public boolean accepts(String candidate) {
    return operator == Operator.ANY || operator.accepts(DebianVersion.compare(candidate, version));
  }

  /** As it is written in a field. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    if (!architecture.isEmpty()) {
      text.append(':').append(architecture);
    }
    if (operator != Operator.ANY) {
      text.append(" (").append(operator.text()).append(' ').append(version).append(')');
    }
    if (!restrictions.isEmpty()) {
      text.append(" [").append(String.join(" ", restrictions)).append(']');
    }
    return text.toString();
  }
}
