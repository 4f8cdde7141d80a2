package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The keys that sign. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    description = {
      "Make and show the keys that sign what this store gives to others.",
      "A private key stays in keys/ of the store, where only its owner reads it, and is never shown."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      KeyCommand.Create.class,
      KeyCommand.ListThem.class,
      KeyCommand.Show.class,
      KeyCommand.Delete.class
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore key create ci", "  imgstore key show ci"})
final class KeyCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? imgstore key create, list, show or delete");
  }

  /** What others paste into their settings. */
  private static String line(String name, String text) {
    return name + ": " + text + "\n";
  }

  /** Makes one. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = {
        "Make a key (Ed25519), and print the line that others put under trust: keys: to trust it.",
        "This store trusts it from now on."
      },
      footerHeading = "%nExample:%n",
      footer = "  imgstore key create ci")
  static final class Create extends StoreCommand {
    @Parameters(paramLabel = "NAME", description = "What people are to call it.")
    String name;

    @Override
    boolean makesStore() {
      return true;
    }

    @Override
    ExitCode run(Store store) throws IOException {
      String text = new KeyFiles(root().home()).create(name).shown().toString();
      store.keyUsed(name, Checkpoints.facts("create", text, ""), because(""));
      print(object().put("name", name).put("public", text), line(name, text));
      return ExitCode.DONE;
    }
  }

  /** All there are. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the keys of this store, with what is public of each.",
      footerHeading = "%nExample:%n",
      footer = "  imgstore key list")
  static final class ListThem extends StoreCommand {
    @Override
    ExitCode run(Store store) throws IOException {
      KeyFiles files = new KeyFiles(root().home());
      ObjectNode json = object();
      ArrayNode list = json.putArray("keys");
      Table table = new Table("KEY", "PUBLIC");
      for (String name : files.names()) {
        String text = Files.isReadable(files.file(name)) ? files.open(name).shown().toString() : "";
        list.addObject().put("name", name).put("public", text);
        table.row(name, text.isEmpty() ? "(another user's)" : text);
      }
      print(json, table.toString());
      return ExitCode.DONE;
    }
  }

  /** Of one that there is. */
  private abstract static class OfOne extends StoreCommand {
    @Parameters(paramLabel = "NAME", description = "Which key.")
    String name = "";
  }

  /** What is public of one. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Print the line that others put under trust: keys: in their settings.",
      footerHeading = "%nExample:%n",
      footer = "  imgstore key show ci")
  static final class Show extends OfOne {
    @Override
    ExitCode run(Store store) throws IOException {
      String text = new KeyFiles(root().home()).open(name).shown().toString();
      print(object().put("name", name).put("public", text), line(name, text));
      return ExitCode.DONE;
    }
  }

  /** Gone for good. */
  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = {
        "Delete a key for good: nothing can be signed with it any more.",
        "What it signed is trusted where its public line is under trust: keys:."
      },
      footerHeading = "%nExample:%n",
      footer = "  imgstore key delete ci")
  static final class Delete extends OfOne {
    @Override
    ExitCode run(Store store) throws IOException {
      KeyFiles files = new KeyFiles(root().home());
      String text = Files.isReadable(files.file(name)) ? shown(files) : "";
      files.delete(name);
      store.keyUsed(name, Checkpoints.facts("delete", text, ""), because(""));
      print(object().put("name", name), "deleted the key " + name + "\n");
      return ExitCode.DONE;
    }

    /** One that is damaged can be deleted, too. */
    private String shown(KeyFiles files) throws IOException {
      try {
        return files.open(name).shown().toString();
      } catch (CommandFailure e) {
        return "";
      }
    }
  }
}
