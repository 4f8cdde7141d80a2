package dev.imgstore.cli;

import dev.imgstore.builder.source.debian.DebianVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person asks for: {@code openssl}, {@code openssl<3.0.17}. Versions compare as Debian's do
 * (Debian Policy 5.6.12).
 *
 * @param version with {@link Relation#ANY} empty
 */
record PackagePattern(String name, Relation relation, String version) {
  private static final Pattern FORM =
      Pattern.compile("\\s*([^\\s<>=]+)\\s*(?:(<=|>=|<|>|=)\\s*(\\S+)\\s*)?");

  /** How a version must stand to the one that was typed. */
  enum Relation {
    /** Any version. */
    ANY(""),
    /** Older. */
    BELOW("<"),
    /** Older or equal. */
    UP_TO("<="),
    /** Equal, which need not mean spelt the same. */
    EQUAL("="),
    /** Newer or equal. */
    FROM(">="),
    /** Newer. */
    ABOVE(">");

    private final String sign;

    Relation(String sign) {
      this.sign = sign;
    }
  }

  /** Reads what was typed. */
  static PackagePattern parse(String typed) throws CommandFailure {
    Matcher form = FORM.matcher(typed);
    if (!form.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          typed + " is no package; write a name, or a name, < <= = >= or > and a version");
    }
    if (form.group(2) == null) {
      return new PackagePattern(form.group(1), Relation.ANY, "");
    }
    String fault = DebianVersion.fault(form.group(3));
    if (!fault.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, form.group(3) + " in '" + typed + "' is no version: " + fault);
    }
    Relation relation = Relation.EQUAL;
    for (Relation each : Relation.values()) {
      if (each.sign.equals(form.group(2))) {
        relation = each;
      }
    }
    return new PackagePattern(form.group(1), relation, form.group(3));
  }

  /** Whether an installed version is asked for. */
  boolean covers(String installed) {
    int order = relation == Relation.ANY ? 0 : DebianVersion.compare(installed, version);
    return switch (relation) {
      case ANY -> true;
      case BELOW -> order < 0;
      case UP_TO -> order <= 0;
      case EQUAL -> order == 0;
      case FROM -> order >= 0;
      case ABOVE -> order > 0;
    };
  }
}
