package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.DebianLocker;
import dev.imgstore.builder.realise.InputLocker;
import dev.imgstore.builder.realise.Unresolved;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
    RecipeFile recipe = RecipeFile.read(root().context(), file, RecipeFile.settings(set));
    Optional<Lock> present = recipe.lock();
    Lock lock;
    if (present.isPresent() && !updates() && isCurrent(recipe, present.get())) {
      lock = present.get();
    } else {
      lock = make(root(), store, recipe, present, how(present));
      recipe.writeLock(lock);
    }
    print(
        object()
            .put("lock", recipe.lockFile().toString())
            .put("date", lock.date().toString())
            .put("inputs", lock.pinned().size())
            .put("changed", present.isEmpty() || !present.get().equals(lock)),
        recipe.lockFile()
            + ": "
            + lock.inputs().size()
            + " packages, "
            + (lock.fetched().isEmpty() ? "" : lock.fetched().size() + " files of inputs, ")
            + lock.date()
            + "\n");
    return ExitCode.DONE;
  }

  /** Whether the option was given, with packages or without. */
  private boolean updates() {
    return spec.commandLine().getParseResult().hasMatchedOption("--update");
  }

  private DebianLocker.Update how(Optional<Lock> present) throws CommandFailure {
    if (updates() && update.isEmpty()) {
      return new DebianLocker.Update.All();
    }
    for (String name : update) {
      if (present.isPresent()
          && present.get().pinned().stream().noneMatch(input -> input.name().equals(name))
          && present.get().of(name).isEmpty()) {
        throw new CommandFailure(
            ExitCode.USAGE, "--update " + name + ": the lock has no such package; nothing changed");
      }
    }
    return new DebianLocker.Update.Only(Set.copyOf(update));
  }

  /** Whether a lock is of the recipe's source section as it is now. */
  static boolean isCurrent(RecipeFile recipe, Lock lock) {
    return lock.source().equals(recipe.source());
  }

  /** Resolves anew; what is locked already stays where it may. */
  static Lock make(
      Imgstore root,
      Store store,
      RecipeFile recipe,
      Optional<Lock> present,
      DebianLocker.Update update)
      throws IOException {
    Machine machine = new Machine(root.context(), root::notice);
    Lock previous = present.orElse(DebianLocker.none());
    boolean packages = recipe.recipe().usesPackages();
    byte[] keyring = packages ? machine.keyring(recipe.recipe().debian().keyring()) : new byte[0];
    try (Transaction transaction = store.begin()) {
      Lock chosen =
          new DebianLocker(machine.debian(), keyring, transaction)
              .lock(recipe.recipe(), root.context().clock().instant(), previous, update);
      Lock lock =
          new InputLocker(new Universes(machine), transaction)
              .lock(recipe.recipe(), chosen, previous, update);
      transaction.flush();
      return lock;
    } catch (Unresolved e) {
      throw recipe.explained(e);
    }
  }
}
