package dev.imgstore.cli;

import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Marks what is known to work. */
@Command(
    name = "ok",
    mixinStandardHelpOptions = true,
    description = {
      "Say that a generation works: it is the last known good one from now on, and stays.",
      "A health command that succeeds says so by itself."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore ok web@42 -m 'a week in production'")
final class OkCommand extends ChangeCommand {
  @Parameters(paramLabel = "REF", description = "A profile's current generation, or another one.")
  String ref;

  @Override
  ExitCode run(Store store) throws IOException {
    Ref found = find(store, ref);
    Current.tell(this, store, found);
    store.roots().good(found.profile(), found.generation().number(), because());
    print(
        object()
            .put("profile", found.profile())
            .put("generation", found.generation().number())
            .put("image", found.generation().image().toString()),
        found.name() + " is the last known good one\n");
    return ExitCode.DONE;
  }
}
