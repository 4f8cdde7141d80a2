package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.DebianLocker;
import dev.imgstore.builder.realise.InputLocker;
import dev.imgstore.builder.realise.Unresolved;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pins what a recipe's packages mean. */
@Command(
    name = "lock",
    mixinStandardHelpOptions = true,
    description = {
      "Resolve a recipe's packages and inputs and write the lock beside it.",
      "A lock that fits the recipe stays as it is without --update."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore lock web/recipe.yaml --update openssl")
final class LockCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "RECIPE", description = "The recipe's file.")
  String file;

  @Option(
      names = "--update",
      arity = "0..*",
      paramLabel = "PACKAGE",
      description =
          "Move these packages or inputs to the newest, and what they force; none: all. Write"
              + " it after RECIPE.")
  List<String> update = new ArrayList<>();

  @Option(names = "--set", paramLabel = "NAME=VALUE", description = "A variable of the recipe.")
  List<String> set = new ArrayList<>();

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException {
    RecipeMistakes mistakes = new RecipeMistakes();
    List<RecipeFile> recipes =
        RecipeFile.read(root().context(), file, RecipeFile.settings(set), mistakes);
    mistakes.orThrow();
    List<Optional<Lock>> present = new ArrayList<>();
    for (RecipeFile each : recipes) {
      present.add(each.lock());
    }
    DebianLocker.Update how = how(present.stream().flatMap(Optional::stream).toList());
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < recipes.size(); i++) {
      Lock lock = lock(store, recipes.get(i), present.get(i), how);
      boolean changed = present.get(i).isEmpty() || !present.get(i).get().equals(lock);
      list.add(json(recipes.get(i), lock, changed));
      lines.append(line(recipes.get(i), lock));
    }
    if (recipes.get(0).variant().label().isEmpty()) {
      print(object().setAll((ObjectNode) list.get(0)), lines.toString());
    } else {
      ObjectNode all = object();
      all.set("locks", list);
      print(all, lines.toString());
    }
    return ExitCode.DONE;
  }

  private Lock lock(Store store, RecipeFile recipe, Optional<Lock> present, DebianLocker.Update how)
      throws IOException {
    if (present.isPresent() && !updates() && isCurrent(root(), recipe, present.get())) {
      return present.get();
    }
    Lock lock = make(root(), store, recipe, present, how);
    recipe.writeLock(lock);
    return lock;
  }

  private static ObjectNode json(RecipeFile recipe, Lock lock, Boolean changed) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("lock", recipe.lockFile().toString())
        .put("date", lock.date().toString())
        .put("inputs", lock.pinned().size())
        .put("changed", changed);
  }

  private static String line(RecipeFile recipe, Lock lock) {
    return recipe.lockFile()
        + ": "
        + lock.inputs().size()
        + " packages, "
        + (lock.fetched().isEmpty() ? "" : lock.fetched().size() + " files of inputs, ")
        + lock.date()
        + "\n";
  }

  /** Whether the option was given, with packages or without. */
  private boolean updates() {
    return spec.commandLine().getParseResult().hasMatchedOption("--update");
  }

  private DebianLocker.Update how(List<Lock> present) throws CommandFailure {
    if (updates() && update.isEmpty()) {
      return new DebianLocker.Update.All();
    }
    for (String name : update) {
      if (!present.isEmpty() && present.stream().noneMatch(lock -> has(lock, name))) {
        throw new CommandFailure(
            ExitCode.USAGE, "--update " + name + ": the lock has no such package; nothing changed");
      }
    }
    return new DebianLocker.Update.Only(Set.copyOf(update));
  }

  private static boolean has(Lock lock, String name) {
    return lock.pinned().stream().anyMatch(input -> input.name().equals(name))
        || !lock.of(name).isEmpty();
  }

  /** Whether a lock is of the recipe's source section, and of lock files beside it, as they are. */
  static boolean isCurrent(Imgstore root, RecipeFile recipe, Lock lock) throws IOException {
    if (!lock.source().equals(recipe.source())) {
      return false;
    }
    Universes universes = new Universes(new Machine(root), recipe.directory());
    for (Map.Entry<String, InputSource> input : recipe.recipe().inputs().entrySet()) {
      if (SourceSection.isFetched(input.getValue())
          && !universes.isCurrent(input.getValue(), lock.of(input.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /** Resolves anew; what is locked already stays where it may. */
  static Lock make(
      Imgstore root,
      Store store,
      RecipeFile recipe,
      Optional<Lock> present,
      DebianLocker.Update update)
      throws IOException {
    Machine machine = new Machine(root, root::notice);
    Lock previous = present.orElse(DebianLocker.none());
    boolean packages = recipe.recipe().usesPackages();
    byte[] keyring = packages ? machine.keyring(recipe.recipe().debian().keyring()) : new byte[0];
    try (Transaction transaction = store.begin()) {
      Lock chosen =
          new DebianLocker(machine.debian(), keyring, transaction)
              .lock(recipe.recipe(), root.context().clock().instant(), previous, update);
      Lock lock =
          new InputLocker(
                  new Universes(machine, recipe.directory()), transaction, Downloads.together())
              .lock(recipe.recipe(), chosen, previous, update);
      transaction.flush();
      return lock;
    } catch (Unresolved e) {
      throw recipe.explained(e);
    }
  }
}
