package dev.imgstore.cli;

import java.io.IOException;
import picocli.CommandLine.Option;

/** A command that makes a generation and makes it current. */
abstract class NewCommand extends ChangeCommand {
  @Option(
      names = "--no-activate",
      description = "Run none of the commands that the settings have for the profile.")
  boolean noActivate;

  /** What the settings say is done when the generation becomes current. */
  Hooks hooks(String profile) throws IOException {
    return noActivate ? Hooks.quiet(root(), profile) : Hooks.of(root(), profile);
  }
}
