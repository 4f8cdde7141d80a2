package dev.imgstore.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Map;

/**
 * All that a run takes from outside.
 *
 * @param user who runs it
 * @param host the name of the machine; empty if it is not told
 * @param terminal whether {@code err} is shown to a person
 */
record Context(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Clock clock,
    Path workingDirectory,
    String user,
    String host,
    boolean terminal) {

  /** An environment variable; empty if it is unset. */
  String environment(String name) {
    return environment.getOrDefault(name, "");
  }

  /** The zone in which people here tell the time. */
  ZoneId zone() {
    try {
      return environment("TZ").isEmpty() ? ZoneId.systemDefault() : ZoneId.of(environment("TZ"));
    } catch (DateTimeException e) {
      return ZoneId.systemDefault(); // in a form that the C library knows, and Java as well
    }
  }

  /** A path as the user typed it, from where the user is. */
  Path path(String typed) {
    return workingDirectory.resolve(typed).normalize();
  }
}
