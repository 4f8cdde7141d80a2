package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Legal holds: images that nobody deletes until someone says so. */
@Command(
    name = "hold",
    mixinStandardHelpOptions = true,
    description = {
      "Hold an image, so that neither delete nor gc removes it, or release it.",
      "Without a REF it lists what is held."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore hold web@42 --reason 'case 7' --owner legal@example.org",
      "  imgstore hold --release web@42 -m 'case 7 is closed'"
    })
final class HoldCommand extends StoreCommand {
  @Parameters(arity = "0..1", paramLabel = "REF", defaultValue = "", description = "Which image.")
  String ref;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is held; needed.")
  String reason = "";

  @Option(
      names = "--owner",
      paramLabel = "WHO",
      description = "Whom to ask before it is released (default: you).")
  String owner = "";

  @Option(names = "--release", description = "End the hold.")
  boolean release;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "WHY",
      description = "Why it is released; kept in the history.")
  String message = "";

  @Override
  ExitCode run(Store store) throws IOException {
    if (ref.isEmpty()) {
      refuse(release, "which image is released? imgstore hold lists them");
      refuse(!reason.isEmpty() || !owner.isEmpty(), "which image is held? name a REF");
      return list(store);
    }
    if (release) {
      refuse(!reason.isEmpty() || !owner.isEmpty(), "--release takes -m, no --reason or --owner");
      return release(store);
    }
    refuse(reason.isBlank(), "say why it is held: --reason TEXT");
    refuse(!message.isEmpty(), "-m is for --release; say why it is held with --reason");
    Ref found = find(store, ref);
    Profiles.Because because = because(reason);
    String asked = owner.isEmpty() ? because.who() : owner;
    store.roots().hold(found.generation().image(), asked, because);
    print(
        object()
            .put("image", found.generation().image().toString())
            .put("owner", asked)
            .put("reason", reason),
        "held " + found.name() + " " + found.generation().image() + " for " + asked + "\n");
    return ExitCode.DONE;
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }

  private ExitCode release(Store store) throws IOException {
    List<Digest> held =
        store.roots().all().stream()
            .filter(root -> root instanceof Root.Hold && root.image().toString().equals(ref))
            .map(Root::image)
            .toList();
    Digest image = held.isEmpty() ? find(store, ref).generation().image() : held.get(0);
    if (!store.roots().release(image, because(message))) {
      throw new CommandFailure(ExitCode.UNKNOWN, ref + " is not held; imgstore hold lists what is");
    }
    print(
        object().put("image", image.toString()).put("released", true), "released " + image + "\n");
    return ExitCode.DONE;
  }

  private ExitCode list(Store store) throws IOException {
    List<Root> roots = store.roots().all();
    ObjectNode json = object();
    ArrayNode list = json.putArray("holds");
    Table table = new Table("IMAGE", "SINCE", "OWNER", "REASON", "GENERATIONS");
    for (Root each : roots) {
      if (each instanceof Root.Hold hold) {
        List<String> names =
            roots.stream()
                .filter(r -> r instanceof Root.OfGeneration && r.image().equals(hold.image()))
                .map(Root::label)
                .toList();
        table.row(hold.image(), hold.when(), hold.owner(), hold.reason(), String.join(", ", names));
        ObjectNode one =
            list.addObject()
                .put("image", hold.image().toString())
                .put("when", hold.when().toString())
                .put("who", hold.who())
                .put("owner", hold.owner())
                .put("reason", hold.reason());
        names.forEach(one.putArray("generations")::add);
      }
    }
    print(json, list.isEmpty() ? "nothing is held\n" : table.toString());
    return ExitCode.DONE;
  }
}
