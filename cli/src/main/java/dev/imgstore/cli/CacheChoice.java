package dev.imgstore.cli;

import picocli.CommandLine.Option;

/** Which cache a command is about. */
final class CacheChoice {
  @Option(
      names = "--from",
      paramLabel = "HOST/REPOSITORY",
      defaultValue = "",
      description = "Which cache (default: the one of the settings).")
  String from = "";

  /**
   * Its name.
   *
   * @throws CommandFailure (2) if none is named, and the settings have none or several
   */
  String name(CachePlaces places) throws CommandFailure {
    return places.one("--from", from);
  }
}
