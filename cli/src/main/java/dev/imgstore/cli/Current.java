package dev.imgstore.cli;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Past;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Rules about what is current in a profile. */
final class Current {
  private Current() {}

  /** Makes {@code number} current, sees that it works, and prints it. */
  static ExitCode change(
      ChangeCommand command,
      Store store,
      Profile before,
      int number,
      Switch.Kind kind,
      HookOptions options)
      throws IOException, InterruptedException {
    String name = before.name();
    Generation now = Ref.number(before, number).generation();
    Profiles.Because because = crossing(command, store, before, now, options.force);
    DiskStore disk = (DiskStore) store;
    Hooks hooks = options.hooks(command.root(), name);
    try (Activating alone = Activating.begin(command, disk, name, hooks, options.force)) {
      alone.run(before, now, kind, because);
    }
    command.print(
        StoreCommand.object()
            .put("profile", name)
            .put("from", before.current())
            .put("to", number)
            .put("image", now.image().toString()),
        name + "@" + number + " " + now.image() + "\n");
    return ExitCode.DONE;
  }

  /** Whoever looks at what is current is told if it was not made to work. */
  static void tell(StoreCommand command, Store store, Ref shown) throws IOException {
    Optional<Profile> profile = store.profiles().open(shown.profile());
    if (profile.isPresent() && profile.get().current() == shown.generation().number()) {
      Activating.tell(command, (DiskStore) store, profile.get());
    }
  }

  /** Sees that no state barrier lies on the way back, or notes that it was crossed. */
  private static Profiles.Because crossing(
      ChangeCommand command, Store store, Profile before, Generation to, boolean force)
      throws IOException {
    Optional<Generation> from = before.currentGeneration();
    if (from.isEmpty() || from.get().number() == to.number()) {
      return command.because();
    }
    String barrier = Barrier.between(store.blobs(), before.name(), from.get(), to);
    if (barrier.isEmpty()) {
      return command.because();
    }
    if (!force) {
      throw new CommandFailure(
          ExitCode.FOUND, barrier + "; nothing was changed, and --force goes back all the same");
    }
    return command.because().with("forced", barrier);
  }

  /**
   * What was current {@code steps} switches ago, in history: 0 is what is current now. Steps that
   * were gone back over do not count, so going back twice goes back two steps.
   */
  static int past(Profile profile, int steps) throws CommandFailure {
    List<Integer> present = Past.steps(profile);
    if (steps >= present.size()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "there is no %s~%d: history goes back %d %s"
              .formatted(
                  profile.name(),
                  steps,
                  present.size() - 1,
                  present.size() == 2 ? "step" : "steps"));
    }
    return present.get(present.size() - 1 - steps);
  }
}
