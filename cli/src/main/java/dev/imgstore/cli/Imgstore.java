package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.disk.machine.NoMachine;
import dev.imgstore.builder.export.ExportException;
import dev.imgstore.builder.realise.RecipeMismatch;
import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.builder.sandbox.SandboxException;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.spec.Note;
import dev.imgstore.builder.steps.StepFailed;
import dev.imgstore.builder.steps.StepFault;
import dev.imgstore.store.StoreException;
import dev.imgstore.sync.RegistryException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
    })
final class Imgstore implements Runnable {
  private static final String COMPLETION = "generate-completion";
  private static final List<String> VERSION = List.of("-V", "--version");
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9f}&&[^\\n\\t]]");

  private static final String FULL = "No space left on device";

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

  Imgstore(Context context) {
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
    addCommands(line, args);
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAllowSubcommandsAsOptionParameters(true); // a store may be called copy
    line.setUsageHelpWidth(96);
    line.setExitCodeExceptionMapper(failure -> code(failure).number());
    line.setParameterExceptionHandler(
        (failure, words) -> {
          String command = failure.getCommandLine().getCommandSpec().qualifiedName();
          context.err().println("imgstore: " + plain(usage(failure)));
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

  /** Text for a terminal: names and messages must not steer it. */
  static String plain(String text) {
    return CONTROLS.matcher(text).replaceAll("?");
  }

  /** What is wrong with the words, and the nearest right one. */
  private static String usage(CommandLine.ParameterException failure) {
    if (!(failure instanceof CommandLine.UnmatchedArgumentException words)) {
      return String.valueOf(failure.getMessage());
    }
    String first = words.getUnmatched().get(0);
    CommandLine command = failure.getCommandLine();
    boolean option = first.startsWith("-");
    if (!option && command.getSubcommands().isEmpty()) {
      return first + " is one word too many";
    }
    Collection<String> valid =
        option ? command.getCommandSpec().optionsMap().keySet() : command.getSubcommands().keySet();
    String nearest =
        Nearest.of(first, valid)
            .map(word -> "; did you mean " + word + "?")
            .orElse(valid.size() == 1 ? "; it can be " + String.join("", valid) : "");
    return (option ? "there is no option " : "there is no command ") + first + nearest;
  }

  /** By name, in the order in which help lists them. */
  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("build", BuildCommand.class);
    commands.put("lock", LockCommand.class);
    commands.put("reproduce", ReproduceCommand.class);
    commands.put("plan", PlanCommand.class);
    commands.put("why-rebuild", WhyRebuildCommand.class);
    commands.put("logs", LogsCommand.class);
    commands.put("shell", ShellCommand.class);
    commands.put("schema", SchemaCommand.class);
    commands.put("show", ShowCommand.class);
    commands.put("ls", LsCommand.class);
    commands.put("generations", GenerationsCommand.class);
    commands.put("switch", SwitchCommand.class);
    commands.put("rollback", RollbackCommand.class);
    commands.put("ok", OkCommand.class);
    commands.put("diff", DiffCommand.class);
    commands.put("log", LogCommand.class);
    commands.put("find", FindCommand.class);
    commands.put("gc", GcCommand.class);
    commands.put("why", WhyCommand.class);
    commands.put("du", DuCommand.class);
    commands.put("delete", DeleteCommand.class);
    commands.put("hold", HoldCommand.class);
    commands.put("tag", TagCommand.class);
    commands.put("revoke", RevokeCommand.class);
    commands.put("pin", PinCommand.class);
    commands.put("unpin", UnpinCommand.class);
    commands.put("pins", PinsCommand.class);
    commands.put("export", ExportCommand.class);
    commands.put("push", PushCommand.class);
    commands.put("cache", CacheCommand.class);
    commands.put("key", KeyCommand.class);
    commands.put("import", ImportCommand.class);
    commands.put("pull", PullCommand.class);
    commands.put("checkout", CheckoutCommand.class);
    commands.put("cat", CatCommand.class);
    commands.put("copy", CopyCommand.class);
    commands.put("serve", ServeCommand.class);
    commands.put("verify", VerifyCommand.class);
    commands.put("reindex", ReindexCommand.class);
    commands.put("config", ConfigCommand.class);
    commands.put("doctor", DoctorCommand.class);
    commands.put(COMPLETION, AutoComplete.GenerateCompletion.class);
    return commands;
  }

  /**
   * Adds the commands that the words name, or all of them if the first word that is no option names
   * none: reading the annotations of all takes longer than most commands do. A completion is of
   * all, and a version of none.
   */
  static void addCommands(CommandLine line, List<String> words) {
    Map<String, Class<?>> commands = commands();
    if (commands.containsKey(first(words)) && !words.contains(COMPLETION)) {
      commands.keySet().retainAll(words);
    } else if (words.size() == 1 && VERSION.contains(words.get(0))) {
      commands.clear();
    }
    commands.forEach(line::addSubcommand);
    CommandLine completion = line.getSubcommands().get(COMPLETION);
    if (completion != null) {
      completion
          .getCommandSpec()
          .usageMessage()
          .footerHeading("%nExample:%n")
          .footer(
              "  imgstore "
                  + COMPLETION
                  + " > ~/.local/share/bash-completion/completions/imgstore");
    }
  }

  /** The first word that is neither an option nor the value of one. */
  private static String first(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("--store")) {
        i++;
      } else if (!words.get(i).startsWith("-")) {
        return words.get(i);
      }
    }
    return "";
  }

  private void explain(Exception failure) {
    String sentence = sentence(failure);
    context.err().println("imgstore: " + plain(sentence));
    if (json) {
      ObjectNode object = StoreCommand.object();
      object.putObject("error").put("code", code(failure).number()).put("message", sentence);
      context.out().println(object);
    }
    trace(failure);
  }

  /** Says that one of several things failed. */
  void explain(String what, Exception failure) {
    context.err().println("imgstore: " + plain(what + ": " + sentence(failure)));
    trace(failure);
  }

  private void trace(Exception failure) {
    if (verbose.length >= 2) {
      failure.printStackTrace(context.err());
    }
  }

  /** What happened, for a person. */
  static String sentence(Exception failure) {
    String message = failure.getMessage();
    if (failure instanceof java.nio.file.AccessDeniedException) {
      return "no permission for " + message;
    }
    if (failure instanceof java.nio.file.NoSuchFileException) {
      return "there is no " + message;
    }
    boolean inside =
        failure instanceof SandboxException
            || failure instanceof StepFailed
            || failure instanceof ExportException;
    if (failure instanceof IOException && !inside && message != null && message.contains(FULL)) {
      return message + "; make room there, or use --store on a larger disk (see imgstore doctor)";
    }
    if (failure instanceof InterruptedException) {
      return message == null ? "interrupted" : message;
    }
    if (failure instanceof IOException && message != null) {
      return message;
    }
    return "something that should not happen: "
        + failure
        + "; with -vv it says where, please report it";
  }

  /** What the process says of a failure when it ends. */
  static ExitCode code(Throwable failure) {
    if (failure instanceof CommandFailure known) {
      return known.code();
    }
    if (failure instanceof RecipeMismatch
        || failure instanceof StepFault
        || failure instanceof NoMachine
        || failure instanceof DebianException.Missing) {
      return ExitCode.USAGE;
    }
    if (failure instanceof RegistryException registry
        && registry.kind() == RegistryException.Kind.UNKNOWN) {
      return ExitCode.UNKNOWN;
    }
    if (failure instanceof StoreException.Locked) {
      return ExitCode.BUSY;
    }
    if (failure instanceof StoreException.MissingBlob) {
      return ExitCode.FAILED;
    }
    if (failure instanceof StoreException.Corrupt
        || failure instanceof StoreException.Kept
        || failure instanceof StoreException.Revoked
        || failure instanceof StoreException.RolledBack) {
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

  /** Says what is wrong, though there is a result to print. */
  void complain(String text) {
    context.err().println("imgstore: " + plain(text));
  }

  /** A text of others on one line: every control character is shown as {@code ?}. */
  static String line(String text) {
    return Note.clean(text);
  }

  /** Says something to the person, unless asked to be quiet. */
  void notice(String text) {
    if (!quiet) {
      context.err().println(plain(text));
    }
  }
}
