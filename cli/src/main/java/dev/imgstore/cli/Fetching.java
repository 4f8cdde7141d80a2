package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.debian.archive.DebianArchive;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Where locked inputs come from. */
final class Fetching {
  private Fetching() {}

  /** Refuses: touches no network. */
  static InputFetcher offline() {
    return new InputFetcher() {
      @Override
      public void fetch(Lock.Input input, FrameStore store) throws IOException {
        throw missing(input);
      }

      @Override
      public void fetch(Lock.Fetched file, InputSource source, FrameStore store)
          throws IOException {
        throw missing(file);
      }
    };
  }

  private static CommandFailure missing(Lock.Pinned pinned) {
    return new CommandFailure(
        ExitCode.FAILED,
        "the store does not have "
            + pinned.name()
            + (pinned.version().isEmpty() ? "" : " " + pinned.version())
            + " ("
            + pinned.sha256()
            + "), and --offline forbids to fetch it");
  }

  /** The archive is looked up when the first input is missing: most builds need none. */
  static InputFetcher mirrors(Machine machine) {
    return mirrors(machine, new Universes(machine));
  }

  /** As the other one, with what a recipe's directory gives. */
  static InputFetcher mirrors(Machine machine, Universes universes) {
    return new InputFetcher() {
      private Optional<DebianArchive> archive = Optional.empty();

      @Override
      public void fetch(Lock.Input input, FrameStore store) throws IOException {
        archive().fetch(input, store);
      }

      @Override
      public void fetch(Lock.Fetched file, InputSource source, FrameStore store)
          throws IOException {
        universes.fetch(file, source, store);
      }

      private synchronized DebianArchive archive() throws IOException {
        if (archive.isEmpty()) {
          archive = Optional.of(machine.debian());
        }
        return archive.get();
      }
    };
  }

  /** As another, but tells of the bytes of all that it fetched. */
  static InputFetcher counted(InputFetcher fetcher, LongConsumer bytes) {
    return new InputFetcher() {
      @Override
      public void fetch(Lock.Input input, FrameStore store) throws IOException {
        fetcher.fetch(input, store);
        bytes.accept(input.size());
      }

      @Override
      public void fetch(Lock.Fetched file, InputSource source, FrameStore store)
          throws IOException {
        fetcher.fetch(file, source, store);
        bytes.accept(file.size());
      }
    };
  }
}
