package dev.imgstore.cli;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;

/** What a step printed. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = {
      "Print what a step printed when it ran last.",
      "imgstore plan --json shows the keys; a recipe and a step name the last run."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore logs 3b1f0c8a", "  imgstore logs web/recipe.yaml compile"})
final class LogsCommand extends RunCommand {
  private static final int MAX_LOG = 8 << 20;

  @Override
  ExitCode run(Store store) throws IOException {
    StepActions actions = new StepActions(root(), store);
    ActionKey action = actions.find(typed, step);
    Digest log =
        actions
            .logs()
            .log(action)
            .orElseThrow(
                () -> new CommandFailure(ExitCode.UNKNOWN, "the log of " + typed + " is gone"));
    String text = new String(store.blobs().read(log, MAX_LOG), StandardCharsets.UTF_8);
    print(object().put("log", text), text);
    return ExitCode.DONE;
  }
}
