package dev.imgstore.cli;

import dev.imgstore.builder.check.Grade;
import dev.imgstore.builder.check.RebuildCheck;
import dev.imgstore.builder.check.RebuildReport;
import dev.imgstore.builder.realise.ImageBuilder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The rebuild check of a build. */
final class CheckOption {
  private static final String STRICT = "strict";

  @Option(
      names = "--check",
      arity = "0..1",
      paramLabel = STRICT,
      parameterConsumer = Word.class,
      description = {
        "Then run every step and package script again and compare; exit code 3 if anything",
        "differs. strict: vary also what the sandbox fixes."
      })
  String check = "";

  /** Takes the next word only if it is one for us: else it is a recipe. */
  static final class Word implements IParameterConsumer {
    @Override
    @SuppressWarnings("JdkObsolete") // picocli's
    public void consumeParameters(Stack<String> args, ArgSpec arg, CommandSpec command) {
      boolean strict = !args.isEmpty() && args.peek().equals(STRICT);
      arg.setValue(strict ? args.pop() : "varies");
    }
  }

  /** Checks what was built, if that was asked for. */
  Checked run(
      ImageBuilder builder, ImageBuilder.Request request, ImageBuilder.Ports ports, Imgstore root)
      throws IOException, InterruptedException {
    if (check.isEmpty()) {
      return Checked.NOT_ASKED;
    }
    Grade grade = check.equals(STRICT) ? Grade.STRICT : Grade.VARIES;
    RebuildCheck.Machine machine =
        new RebuildCheck.Machine(
            Clock.systemUTC(), // what programs see
            ports.steps().processors(),
            grade == Grade.STRICT ? clockLibrary() : "",
            ports.steps().jobs(),
            ports.pool());
    RebuildReport report = builder.check(request, grade, machine);
    report.notices().forEach(root::notice);
    return new Checked(true, report);
  }

  /** Where libfaketime is on this machine; empty if it is not. */
  static String clockLibrary() throws IOException {
    for (String place : List.of("/usr/lib", "/usr/lib64", "/usr/local/lib")) {
      Path directory = Path.of(place);
      Path here = directory.resolve("faketime/libfaketime.so.1");
      if (Files.isRegularFile(here)) {
        return here.toString();
      }
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(directory, "*-linux-*")) {
          for (Path each : below) {
            Path there = each.resolve("faketime/libfaketime.so.1");
            if (Files.isRegularFile(there)) {
              return there.toString();
            }
          }
        }
      }
    }
    return "";
  }
}
