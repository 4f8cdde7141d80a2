package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.builder.source.debian.DebianVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One package asked for: {@code name}, {@code name=version}, {@code name/suite}, each also as
 * {@code name:architecture}.
 *
 * @param name a package, or a virtual package that exactly one provides
 * @param architecture as Debian names it; empty for the machine's own
 * @param version empty for the one that is taken by priority
 * @param suite its name or code name; empty for any
 */
public record Wanted(String name, String architecture, String version, String suite) {
  private static final Pattern FORM =
      Pattern.compile(
          "([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?(?:=([^/=\\s]+)|/([A-Za-z0-9][A-Za-z0-9.~+_-]*))?");

  /** Refuses a version together with a suite, and what is no version. */
  public Wanted {
    if (!version.isEmpty() && !suite.isEmpty()) {
      throw new IllegalArgumentException("a package is asked for by version or by suite, not both");
    }
    if (!version.isEmpty() && !DebianVersion.fault(version).isEmpty()) {
      throw new IllegalArgumentException(
          "'" + version + "' is no Debian version: " + DebianVersion.fault(version));
    }
  }

  /** Reads the forms above; the message of the refusal is for people. */
  public static Wanted parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no package: write name, name=version, name/suite or name:architecture");
    }
    return new Wanted(matcher.group(1), part(matcher, 2), part(matcher, 3), part(matcher, 4));
  }

  private static String part(Matcher matcher, int group) {
    String text = matcher.group(group);
    return text == null ? "" : text;
  }

  /** In the form it is read from. */
  @Override
  public String toString() {
    return name
        + (architecture.isEmpty() ? "" : ":" + architecture)
        + (version.isEmpty() ? "" : "=" + version)
        + (suite.isEmpty() ? "" : "/" + suite);
  }
}
