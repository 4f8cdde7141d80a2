package dev.imgstore.builder.recipe;

import dev.imgstore.model.Name;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the texts of a recipe must be. */
final class Rules {
  private static final String VERSION = "(?:[0-9]+:)?[0-9A-Za-z][0-9A-Za-z.+~:-]*";
  private static final int LONGEST_PATH = 4095;

  /** No NUL, which neither file systems nor argument lists can hold, and only whole characters. */
  static final Rule ANY =
      Rule.holds(
          text -> text.indexOf('\0') < 0 && isWhole(text),
          "not usable: it holds a NUL or half a character");

  /** The contents of a file. */
  static final Rule CONTENT = Rule.holds(Rules::isWhole, "not text: it holds half a character");

  static final Rule RECIPE_NAME =
      Rule.pattern(
          "[a-z0-9][a-z0-9._-]{0,62}",
          "no name; use up to 63 of a-z, 0-9, `.`, `_` and `-`, the first a letter or digit");

  static final Rule INPUT_NAME =
      Rule.pattern(
          "[a-z0-9][a-z0-9._-]{0,62}",
          "no name of an input; use up to 63 of a-z, 0-9, `.`, `_` and `-`, the first a letter or"
              + " digit");

  static final Rule VARIABLE =
      Rule.pattern(
          Variables.NAME.pattern(),
          "no name of a variable; use letters, digits, `_` and `-`, not a digit first");

  static final Rule VARIABLE_VALUE =
      ANY.and(
          Rule.holds(
              text -> !text.contains("${"),
              "not possible: a variable's value holds no other variable"));

  /** The platforms Debian has a port for. */
  static final Rule PLATFORM =
      Rule.oneOf(
          List.of(
              "linux/386",
              "linux/amd64",
              "linux/arm/v5",
              "linux/arm/v7",
              "linux/arm64",
              "linux/loong64",
              "linux/mips64le",
              "linux/ppc64le",
              "linux/riscv64",
              "linux/s390x"));

  static final Rule SUITE =
      Rule.pattern(
          "[a-z0-9][a-z0-9+.~_-]*(/[a-z0-9][a-z0-9+.~_-]*)*",
          "no suite; a suite looks like `bookworm` or `bookworm-security`");

  static final Rule COMPONENT =
      Rule.pattern(
          "[a-z0-9][a-z0-9+._-]*(/[a-z0-9][a-z0-9+._-]*)*",
          "no component; a component looks like `main` or `non-free-firmware`");

  static final Rule KEYRING =
      Rule.pattern(
          "[A-Za-z0-9][A-Za-z0-9+._-]*",
          "no name of a keyring; name one of this machine without its folder and ending");

  /** Debian Policy 5.6.1. */
  static final Rule PACKAGE_NAME =
      Rule.pattern(
          "[a-z0-9][a-z0-9+.-]+",
          "no package; a name has lower-case letters, digits, `+`, `-` and `.`, at least two");

  static final Rule ARCHITECTURE =
      Rule.pattern("[a-z0-9][a-z0-9-]*", "no architecture; one looks like `amd64` or `all`");

  /** Debian Policy 5.6.12. */
  static final Rule PACKAGE_VERSION =
      Rule.pattern(VERSION, "no version; a version looks like `1.22.1-9+deb12u2`");

  static final Rule ACCOUNT =
      Rule.pattern(
          "[A-Za-z_][A-Za-z0-9_.-]{0,30}\\$?",
          "no name of a user or group; use up to 32 letters, digits, `_`, `-` and `.`, a letter first");

  static final Rule COMMENT =
      ANY.and(
          Rule.holds(
              text -> text.indexOf(':') < 0 && text.chars().noneMatch(c -> c < 0x20 || c == 0x7f),
              "no comment of a user; it holds a colon or a control character"));

  static final Rule ENV_NAME =
      Rule.pattern(
          "[A-Za-z_][A-Za-z0-9_.-]{0,254}",
          "no name of an environment variable; use letters, digits and `_`, not a digit first");

  static final Rule LABEL =
      Rule.pattern(
          "[A-Za-z0-9]([A-Za-z0-9._/-]{0,253}[A-Za-z0-9])?",
          "no label; use letters, digits, `.`, `_`, `/` and `-`, like `org.example.team`");

  static final Rule SIGNAL =
      text ->
          signals().contains(text)
                  || text.matches(
                      "SIGRTMIN(\\+[1-9][0-9]?)?|SIGRTMAX(-[1-9][0-9]?)?|[1-9]|[1-5][0-9]|6[0-4]")
              ? Optional.empty()
              : Optional.of(
                  Nearest.of(text, signals())
                      .map(
                          near ->
                              Complaints.quote(text) + " is unknown; did you mean `" + near + "`?")
                      .orElse(
                          Complaints.quote(text)
                              + " is no signal; it is a name like `SIGTERM` or a number to 64"));

  static final Rule ABSOLUTE =
      ANY.and(
          text -> {
            if (!text.startsWith("/")) {
              return Optional.of(Complaints.quote(text) + " must be absolute: start it with `/`");
            }
            return text.equals("/") ? Optional.empty() : components(text.substring(1), text);
          });

  /** Absolute and fit for a field of passwd. */
  static final Rule ACCOUNT_PATH =
      ABSOLUTE.and(
          Rule.holds(
              text -> COMMENT.complaint(text).isEmpty(),
              "no path of a user; it holds a colon or a control character"));

  /** A volume is not the whole image. */
  static final Rule VOLUME =
      ABSOLUTE.and(Rule.holds(text -> !text.equals("/"), "the whole image, no volume"));

  static final Rule SYMLINK =
      ANY.and(
          Rule.holds(
              text -> !text.isEmpty() && bytes(text) <= LONGEST_PATH,
              "no target of a link; it has 1 to 4095 bytes"));

  /** Beside the recipe: relative, and never out of its directory. */
  static final Rule BESIDE =
      ANY.and(
          text -> {
            if (text.startsWith("/") || text.isEmpty()) {
              return Optional.of(
                  Complaints.quote(text)
                      + " must be relative to the recipe's directory, like `conf/nginx.conf`");
            }
            String path = beside(text);
            return path.equals(".") ? Optional.empty() : components(path, text);
          });

  /** Inside an input: relative, and never out of it. */
  static final Rule WITHIN =
      ANY.and(
          text -> {
            if (text.startsWith("/") || text.isEmpty()) {
              return Optional.of(
                  Complaints.quote(text)
                      + " must be relative to the input's root, like `bin/tool`");
            }
            String path = beside(text);
            return path.equals(".") ? Optional.empty() : components(path, text);
          });

  /** As {@link #BESIDE}, but its first parts may lead up. */
  static final Rule NEAR =
      ANY.and(
          text -> {
            if (text.startsWith("/") || text.isEmpty()) {
              return Optional.of(
                  Complaints.quote(text)
                      + " must be relative to the recipe's directory, like `./src` or `../lib`");
            }
            String path = near(text);
            while (path.startsWith("../")) {
              path = path.substring(3);
            }
            return path.equals(".") || path.equals("..")
                ? Optional.empty()
                : components(path, text);
          });

  /** A directory of this machine that is no part of the recipe. */
  static final Rule ELSEWHERE =
      ANY.and(
          Rule.holds(
              text -> !text.isEmpty() && !text.contains("://") && bytes(text) <= LONGEST_PATH,
              "no directory of this machine"));

  private Rules() {}

  /** A path near the recipe without any leading {@code ./} and its last slash. */
  static String near(String text) {
    return beside(text);
  }

  /** A path beside the recipe without its leading {@code ./} and its last slash. */
  static String beside(String text) {
    String path = text;
    while (path.startsWith("./")) {
      path = path.substring(2);
    }
    path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return path.isEmpty() ? "." : path;
  }

  private static Optional<String> components(String path, String written) {
    String quoted = Complaints.quote(written);
    if (bytes(path) > LONGEST_PATH) {
      return Optional.of(quoted + " is longer than " + LONGEST_PATH + " bytes");
    }
    for (String component : path.split("/", -1)) {
      if (component.equals("..")) {
        return Optional.of(quoted + " holds `..`, which may lead out; write the path without it");
      }
      if (component.isEmpty() || component.equals(".")) {
        return Optional.of(quoted + " is not plain; leave out empty parts, `.` and a last `/`");
      }
      if (bytes(component) > Name.MAX_LENGTH) {
        return Optional.of(quoted + " has a part longer than " + Name.MAX_LENGTH + " bytes");
      }
    }
    return Optional.empty();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static boolean isWhole(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff);
  }

  private static List<String> signals() {
    String all =
        "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT"
            + " STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
    return Stream.of(all.split(" ")).map(name -> "SIG" + name).toList();
  }
}
