package dev.imgstore.cli;

import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes a chosen generation current. */
@Command(
    name = "switch",
    mixinStandardHelpOptions = true,
    description = {
      "Make a generation of a profile the current one.",
      "Takes no network and the same time for every image. Commands of the settings then make it",
      "work on this machine; if they fail, what was current before becomes so again."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore switch web web@41 -m 'the new one is too slow'",
      "  imgstore switch web web@42 --health 'curl -fsS localhost:8080/ready' --timeout 1m"
    })
final class SwitchCommand extends ChangeCommand {
  @Parameters(index = "0", paramLabel = "PROFILE", description = "The profile to change.")
  String profile;

  @Parameters(index = "1", paramLabel = "REF", description = "One of its generations.")
  String ref;

  @Mixin HookOptions hooks = new HookOptions();

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    Profile before = Ref.open(store.profiles(), profile);
    Ref target = target(store, before);
    boolean isOther = target.generation().number() != before.current();
    if (isOther || before.activation() == Profile.Activation.FAILED) {
      Activating.tell(this, (DiskStore) store, before);
    }
    return Current.change(
        this, store, before, target.generation().number(), Switch.Kind.SWITCH, hooks);
  }

  private Ref target(Store store, Profile before) throws IOException {
    if (ref.matches("[0-9]{1,9}")) {
      return Ref.number(before, Integer.parseInt(ref));
    }
    Ref found = find(store, ref);
    if (found.profile().equals(profile)) {
      return found;
    }
    // The same image may be a generation of this profile too.
    return before.generations().stream()
        .filter(generation -> generation.image().equals(found.generation().image()))
        .reduce((first, second) -> second)
        .map(generation -> new Ref(profile, generation))
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.UNKNOWN, found.name() + " is no generation of " + profile));
  }
}
