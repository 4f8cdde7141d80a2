package dev.imgstore.cli;

import java.io.IOException;
import picocli.CommandLine.Option;

/** What is said on the command line about commands that follow a switch. */
final class HookOptions {
  @Option(
      names = "--health",
      paramLabel = "CMD",
      defaultValue = "",
      description = {
        "Run this until it succeeds, and go back by itself if it does not in time",
        "(default: health: in the settings)."
      })
  String health;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "",
      description =
          "How long the commands may take each: 30s, 5m (default: the settings', or 30s).")
  String timeout;

  @Option(names = "--no-activate", description = "Run no command; only what is current changes.")
  boolean none;

  @Option(
      names = "--force",
      description = "Cross a state barrier, and go back over one if it does not work.")
  boolean force;

  Hooks hooks(Imgstore root, String profile) throws IOException {
    if (none && !(health + timeout).isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--no-activate runs no command; leave it out, or "
              + (health.isEmpty() ? "--timeout" : "--health"));
    }
    return none ? Hooks.quiet(root, profile) : Hooks.of(root, profile).with(health, timeout);
  }
}
