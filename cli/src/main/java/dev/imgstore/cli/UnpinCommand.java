package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the pins of deploy specs away; the files stay as they are. */
@Command(
    name = "unpin",
    mixinStandardHelpOptions = true,
    description = {
      "Keep no longer what deploy specs say; a later gc frees what nothing else keeps.",
      "The files stay as they are, and may be gone."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore unpin deploy/web.yaml -m 'the shop moved'", "  imgstore unpin --as prod"})
final class UnpinCommand extends ChangeCommand {
  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Deploy specs.")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "What the pins call a file, as pin --as said.")
  List<String> names = new ArrayList<>();

  @Override
  ExitCode run(Store store) throws IOException {
    if (files.isEmpty() && names.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "which file? imgstore pins lists them");
    }
    List<String> all = new ArrayList<>(names);
    files.forEach(typed -> all.add(SpecPlaces.name(root().context(), typed)));
    try (PinLock lock = PinLock.take(root().home())) {
      return unpin(store, all);
    }
  }

  private ExitCode unpin(Store store, List<String> all) throws IOException {
    List<PinChange> changes = new ArrayList<>();
    ObjectNode json = object();
    ArrayNode list = json.putArray("unpinned");
    StringBuilder text = new StringBuilder();
    for (String file : all) {
      List<Root.Pin> pins = List.copyOf(SpecPins.of(store, file).values());
      if (pins.isEmpty()) {
        root().notice(Imgstore.line(file) + " has no pins");
      }
      for (Root.Pin pin : pins) {
        changes.add(new PinChange.Unpinned(pin.name()));
        if (!SourcePin.is(pin)) { // that goes with the one it stands beside
          String reference = pin.spec().map(Root.Spec::reference).orElse("");
          list.addObject()
              .put("file", file)
              .put("reference", reference)
              .put("image", pin.image().toString());
          String place = Imgstore.line(pin.place());
          text.append("unpinned " + reference + " " + pin.image() + " of " + place + "\n");
        }
      }
    }
    if (changes.isEmpty()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, "nothing is pinned for these files; imgstore pins lists what is");
    }
    String subject = all.get(0) + (all.size() == 1 ? "" : " and " + (all.size() - 1) + " more");
    store.roots().change(Imgstore.line(subject), changes, because());
    print(json, text.toString());
    return ExitCode.DONE;
  }
}
