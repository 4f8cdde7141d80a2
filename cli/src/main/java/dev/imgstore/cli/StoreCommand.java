package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What the commands over one store have in common: opening it, and printing. */
abstract class StoreCommand implements Callable<Integer> {
  /** The number of the shape of what {@code --json} prints. */
  static final int JSON_FORMAT = 1;

  @Spec CommandSpec spec;

  private Instant began = Instant.MAX;

  /** The command all others hang on, with the shared options. */
  Imgstore root() {
    return (Imgstore) spec.root().userObject();
  }

  /** Whether the command makes a store where there is none; those that only ask do not. */
  boolean makesStore() {
    return false;
  }

  @Override
  public final Integer call() throws Exception {
    began = root().context().clock().instant();
    if (!makesStore() && !Files.exists(root().home())) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "there is no store in "
              + root().home()
              + "; imgstore build makes one, --store names another");
    }
    try (Store store = DiskStore.open(root().home(), root().context().clock(), root()::notice)) {
      long before = recorded();
      try {
        return run(store).number();
      } finally {
        follow(store, before);
      }
    }
  }

  /** Makes the checkpoint that settings ask for, also after what failed in the end. */
  private void follow(Store store, long before) {
    try {
      if (recorded() != before) {
        Checkpoints.follow(root(), store, because("settings ask for it"));
      }
    } catch (IOException e) {
      root().notice("no checkpoint of the journal was made: " + e.getMessage());
    }
  }

  /** Bytes of the journal, which grows with each change. */
  private long recorded() throws IOException {
    Path journal = root().home().resolve("journal");
    return Files.exists(journal) ? Files.size(journal) : 0;
  }

  /** Does the work; the store is closed afterwards. */
  abstract ExitCode run(Store store) throws IOException, InterruptedException;

  /** An object for {@code --json}, with its format number. */
  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode().put("format", JSON_FORMAT);
  }

  /**
   * What a REF stands for; a recipe's path is the profile named by that recipe. Image and record
   * are leased, so that no collection removes them under the command.
   */
  Ref find(Store store, String typed) throws IOException {
    boolean path = typed.contains("/") || typed.endsWith(".yaml") || typed.endsWith(".yml");
    String name =
        path
            ? RecipeFile.read(root().context(), typed, Collections.emptySortedMap()).recipe().name()
            : typed;
    while (true) {
      Ref found = Ref.resolve(store, name);
      List<Digest> needed = List.of(found.generation().image(), found.generation().record());
      if (isKept(store, found.name(), needed) || Ref.resolve(store, name).equals(found)) {
        return found; // what is not there although it is named is for the command to say
      }
    }
  }

  /**
   * Who cannot lease reads all the same: a full disk must not keep an image from being exported. A
   * collection may end the command then, with an error; it cannot falsify what is read. Whatever
   * names something new leases it first, and fails if it cannot.
   */
  boolean isKept(Store store, String name, List<Digest> needed) {
    try {
      boolean all = true;
      for (Digest each : needed) {
        all &= store.lease(each);
      }
      return all;
    } catch (IOException e) {
      if (Files.isWritable(root().home())) { // else it is a store that one may only read
        root()
            .notice(
                name
                    + " cannot be kept from a collection while this runs ("
                    + e.getMessage()
                    + "); a lease takes a few kilobytes on the store's disk. Do not run imgstore gc"
                    + " until this is through");
      }
      return true;
    }
  }

  /** A platform as a person typed it. */
  static Platform platform(String typed) throws CommandFailure {
    try {
      return Platform.parse(typed);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "--platform " + typed + ": " + e.getMessage(), e);
    }
  }

  /** Prints for programs or for people. */
  void print(ObjectNode forPrograms, String forPeople) {
    root().context().out().print(root().json ? forPrograms + "\n" : Imgstore.plain(forPeople));
  }

  /** Who changes something, when, why, and how long the command has run. */
  Profiles.Because because(String why) {
    String who = Who.runs(root());
    Instant now = root().context().clock().instant();
    Duration took = Duration.between(began, now);
    return new Profiles.Because(
        now.truncatedTo(ChronoUnit.SECONDS), who, why, took.isNegative() ? Duration.ZERO : took);
  }
}
