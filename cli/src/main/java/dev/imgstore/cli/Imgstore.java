package dev.imgstore.cli;

import dev.imgstore.builder.realise.RecipeMismatch;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command itself: the options all commands share, and what becomes of a failure. */
@Command(
    name = "imgstore",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "A content-addressed image store and builder.",
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore build examples/web/recipe.yaml",
      "  imgstore export oci web ./web-image",
      "",
      "A REF is a profile (web), a generation (web@42), an earlier current one (web~1),",
      "an image's digest or an unambiguous beginning of it, or a recipe's path."
    },
    subcommands = {
      BuildCommand.class,
      LockCommand.class,
      SchemaCommand.class,
      ShowCommand.class,
      LsCommand.class,
      GenerationsCommand.class,
      SwitchCommand.class,
      RollbackCommand.class,
      DiffCommand.class,
      LogCommand.class,
      ExportCommand.class,
      VerifyCommand.class,
      DoctorCommand.class,
      AutoComplete.GenerateCompletion.class
    })
final class Imgstore implements Runnable {
  private final Context context;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The store to use (default: IMGSTORE_HOME, or the user's own).")
  String store = "";

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON object for programs.")
  boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No progress and no notices.")
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Say more; twice shows stack traces.")
  boolean[] verbose = {};

  @Spec CommandSpec spec;

  private Imgstore(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which command? imgstore --help lists them");
  }

  /** Runs the command line and turns what happened into an exit code. */
  static int run(List<String> args, Context context) {
    Imgstore root = new Imgstore(context);
    CommandLine line = new CommandLine(root);
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(96);
    line.setExitCodeExceptionMapper(failure -> code(failure).number());
    line.setParameterExceptionHandler(
        (failure, words) -> {
          String command = failure.getCommandLine().getCommandSpec().qualifiedName();
          context.err().println("imgstore: " + failure.getMessage());
          context.err().println("Try '" + command + " --help'.");
          return ExitCode.USAGE.number();
        });
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          root.explain(failure);
          return code(failure).number();
        });
    return line.execute(args.toArray(String[]::new));
  }

  private void explain(Exception failure) {
    context.err().println("imgstore: " + sentence(failure));
    if (verbose.length >= 2) {
      failure.printStackTrace(context.err());
    }
  }

  private static String sentence(Exception failure) {
    String message = failure.getMessage();
    if (failure instanceof java.nio.file.AccessDeniedException) {
      return "no permission for " + message;
    }
    if (failure instanceof java.nio.file.NoSuchFileException) {
      return "there is no " + message;
    }
    if (failure instanceof IOException && message != null) {
      return message;
    }
    return "something that should not happen: "
        + failure
        + "; with -vv it says where, please report it";
  }

  private static ExitCode code(Throwable failure) {
    if (failure instanceof CommandFailure known) {
      return known.code();
    }
    if (failure instanceof RecipeMismatch || failure instanceof DebianException.Missing) {
      return ExitCode.USAGE;
    }
    if (failure instanceof StoreException.Locked) {
      return ExitCode.BUSY;
    }
    if (failure instanceof StoreException.MissingBlob) {
      return ExitCode.FAILED;
    }
    if (failure instanceof StoreException.Corrupt) {
      return ExitCode.FOUND;
    }
    if (failure instanceof InterruptedException) {
      return ExitCode.INTERRUPTED;
    }
    return ExitCode.FAILED;
  }

  Context context() {
    return context;
  }

  /** Where the store is. */
  Path home() {
    if (!store.isEmpty()) {
      return context.path(store);
    }
    String home = context.environment("IMGSTORE_HOME");
    if (!home.isEmpty()) {
      return context.path(home);
    }
    if (context.user().equals("root")) {
      return Path.of("/var/lib/imgstore");
    }
    String data = context.environment("XDG_DATA_HOME");
    return data.isEmpty()
        ? Path.of(context.environment("HOME"), ".local", "share", "imgstore")
        : Path.of(data, "imgstore");
  }

  /** Says something to the person, unless asked to be quiet. */
  void notice(String text) {
    if (!quiet) {
      context.err().println(text);
    }
  }
}
