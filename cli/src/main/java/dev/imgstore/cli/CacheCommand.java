package dev.imgstore.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Results of builds that machines share. */
@Command(
    name = "cache",
    mixinStandardHelpOptions = true,
    description = {
      "Share results of builds with other machines, in a repository of any registry.",
      "imgstore build uses the caches of the settings by itself; these commands fill them, look",
      "at them and clear them up."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CachePushCommand.class,
      CachePullCommand.class,
      CacheListCommand.class,
      CacheGcCommand.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore cache push web --to registry.example.org/team/cache --key ci",
      "  imgstore cache list"
    })
final class CacheCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? imgstore cache push, pull, list or gc");
  }
}
