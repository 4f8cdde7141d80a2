package dev.imgstore.cli;

import dev.imgstore.store.Profiles;
import picocli.CommandLine.Option;

/** A command whose change is kept in the history, with a reason. */
abstract class ChangeCommand extends StoreCommand {
  @Option(
      names = {"-m", "--message"},
      paramLabel = "WHY",
      description = "Why; kept in the history.")
  String message = "";

  /** Who runs this, and the reason given. */
  Profiles.Because because() {
    return because(message);
  }
}
