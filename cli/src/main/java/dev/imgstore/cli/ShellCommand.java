package dev.imgstore.cli;

import dev.imgstore.builder.sandbox.StepCell;
import dev.imgstore.builder.steps.StepRecord;
import dev.imgstore.builder.steps.StepShell;
import dev.imgstore.model.ActionKey;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A look into where a step ran. */
@Command(
    name = "shell",
    mixinStandardHelpOptions = true,
    description = {
      "Enter the sandbox a step ran in: its root, inputs and environment, without its secrets.",
      "After a build with --on-fail=keep, what a failed step had written is there too.",
      "Nothing that is done there is kept. The step's script is /run/script."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore shell web/recipe.yaml compile")
final class ShellCommand extends RunCommand {
  @Option(
      names = {"-c", "--command"},
      paramLabel = "WORD",
      arity = "1..*",
      description = "Run this there, and print what it prints, instead of a shell.")
  List<String> command = new ArrayList<>();

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    StepActions actions = new StepActions(root(), store);
    ActionKey action = actions.find(typed, step);
    StepRecord run =
        actions
            .logs()
            .run(action)
            .orElseThrow(
                () -> new CommandFailure(ExitCode.UNKNOWN, "the run " + typed + " is gone"));
    Machine machine = new Machine(root(), root()::notice);
    try (Transaction transaction = store.begin()) {
      StepShell shell = new StepShell(transaction, run);
      if (command.isEmpty()) {
        if (root().json) {
          throw new CommandFailure(ExitCode.USAGE, "--json needs a --command");
        }
        int code = shell.enter(machine::ids);
        print(object().put("exitCode", code), "");
        return ExitCode.DONE;
      }
      StepCell.Ended ended = shell.run(machine::ids, command);
      print(
          object().put("exitCode", ended.exitCode()).put("printed", ended.log().text()),
          ended.log().text());
      return ended.exitCode() == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
  }
}
