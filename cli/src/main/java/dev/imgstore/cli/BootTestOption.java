package dev.imgstore.cli;

import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.model.Platform;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Trying a disk before it takes its name. */
final class BootTestOption {
  private static final String PC = "amd64";
  static final int USUAL_SECONDS = 240;

  @Option(
      names = "--boot-test",
      arity = "0..1",
      paramLabel = "SECONDS",
      parameterConsumer = Seconds.class,
      description = {
        "Start the disk in QEMU first, without a network and without writing to it, and wait until",
        "the console shows the recipe's marker, at most SECONDS in each of two tries (default: 240).",
        "If it does not start, exit code 3, and there is no new DEST: one that was there stays."
      })
  int seconds;

  /** Takes the next word only if it is a number: else it is for others. */
  static final class Seconds implements IParameterConsumer {
    @Override
    @SuppressWarnings("JdkObsolete") // picocli's
    public void consumeParameters(Stack<String> args, ArgSpec arg, CommandSpec command) {
      boolean number = !args.isEmpty() && args.peek().matches("[1-9][0-9]{0,4}");
      arg.setValue(number ? Integer.parseInt(args.pop()) : USUAL_SECONDS);
    }
  }

  /**
   * The tests that were asked for, once all they need is found.
   *
   * @param image as the person named it
   */
  Optional<BootTests> tests(
      Imgstore root, String image, Platform platform, DiskConfig config, String destination)
      throws CommandFailure {
    if (seconds == 0) {
      return Optional.empty();
    }
    if (!platform.architecture().equals(PC)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "disks for " + platform + " cannot be tried so far; leave --boot-test out");
    }
    if (destination.equals("-")) {
      throw new CommandFailure(
          ExitCode.USAGE, "what is written to a stream cannot be tried first; name a file");
    }
    List<String> ways =
        config.boot().stream().map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    return Optional.of(
        new BootTests(
            root, image, config.marker(), seconds, BootMachine.find(root.context(), ways)));
  }
}
