package dev.imgstore.cli;

import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Past;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes back to what was current before. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Go back to the generation that was current before.",
      "A later build that gives the rolled-back image again does not switch to it."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore rollback web -m 'checkout page is broken'")
final class RollbackCommand extends ChangeCommand {
  @Parameters(paramLabel = "PROFILE", description = "The profile's name.")
  String profile;

  @Option(names = "--to", paramLabel = "N", description = "The number to go back to.")
  Optional<Integer> to = Optional.empty();

  @Mixin HookOptions hooks = new HookOptions();

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    Profile before = Ref.open(store.profiles(), profile);
    Activating.tell(this, (DiskStore) store, before);
    int number =
        to.isPresent() ? Ref.number(before, to.get()).generation().number() : previous(before);
    return Current.change(this, store, before, number, Switch.Kind.ROLLBACK, hooks);
  }

  private static int previous(Profile before) throws CommandFailure {
    int number = Past.previous(before);
    if (number == 0) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "nothing was current before %1$s@%2$d; imgstore generations %1$s lists what --to can name"
              .formatted(before.name(), before.current()));
    }
    return number;
  }
}
