package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.builder.source.debian.archive.DebianArchive;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.Optional;

/** Where locked inputs come from. */
final class Fetching {
  private Fetching() {}

  /** Refuses: touches no network. */
  static InputFetcher offline() {
    return (input, store) -> {
      throw new CommandFailure(
          ExitCode.FAILED,
          "the store does not have "
              + input.name()
              + " "
              + input.version()
              + " ("
              + input.sha256()
              + "), and --offline forbids to fetch it");
    };
  }

  /** The archive is looked up when the first input is missing: most builds need none. */
  static InputFetcher mirrors(Machine machine) {
    return new InputFetcher() {
      private Optional<DebianArchive> archive = Optional.empty();

      @Override
      public void fetch(Lock.Input input, FrameStore store) throws IOException {
        archive().fetch(input, store);
      }

      private synchronized DebianArchive archive() throws IOException {
        if (archive.isEmpty()) {
          archive = Optional.of(machine.debian());
        }
        return archive.get();
      }
    };
  }
}
