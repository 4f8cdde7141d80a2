package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What deploy specs keep. */
@Command(
    name = "pins",
    mixinStandardHelpOptions = true,
    description = {
      "List what keeps images by name: lines of deploy specs, and tags of the registry.",
      "With --refresh it first looks whether the files still say it."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore pins", "  imgstore pins --refresh"})
final class PinsCommand extends ChangeCommand {
  @Option(
      names = "--refresh",
      description =
          "Read the files again: what one does not say any more is kept for the grace time (settings"
              + " pins: {grace: 7d}) and then no longer; other images of ours that it says are kept.")
  boolean refresh;

  @Override
  ExitCode run(Store store) throws IOException {
    ObjectNode json = object();
    ArrayNode changed = json.putArray("changes");
    if (refresh) {
      try (PinLock lock = PinLock.take(root().home())) {
        PinRefresh again = new PinRefresh(store, root(), because());
        for (String change : again.run(SettingsFiles.read(root()).pinGrace())) {
          changed.add(change);
          root().notice(change);
        }
      }
    }
    ArrayNode list = json.putArray("pins");
    Table table = new Table("PLACE", "REFERENCE", "IMAGE", "OWNER", "SINCE", "EXPIRES", "NOTES");
    List<Root.Pin> pins =
        store.roots().pins().stream()
            .filter(pin -> !SourcePin.is(pin))
            .sorted(
                Comparator.comparing((Root.Pin pin) -> pin.spec().map(Root.Spec::file).orElse(""))
                    .thenComparing(PinsCommand::line)
                    .thenComparing(pin -> pin.spec().map(Root.Spec::reference).orElse(""))
                    .thenComparing(Root.Pin::name))
            .toList();
    for (Root.Pin pin : pins) {
      String reason = Revoked.of(store, pin.image()).map(Revocation::reason).orElse("");
      add(pin, reason, table, list);
    }
    print(json, list.isEmpty() ? "nothing is pinned\n" : table.toString());
    return ExitCode.DONE;
  }

  private static int line(Root.Pin pin) {
    List<Integer> lines = pin.spec().map(Root.Spec::lines).orElse(List.of());
    return lines.isEmpty() ? 0 : lines.get(0);
  }

  private void add(Root.Pin pin, String reason, Table table, ArrayNode list) {
    Optional<Root.Spec> spec = pin.spec();
    String missing = spec.flatMap(Root.Spec::missingSince).map(Instant::toString).orElse("");
    String expires = spec.flatMap(Root.Spec::expires).map(Instant::toString).orElse("");
    String owner = spec.map(Root.Spec::owner).filter(o -> !o.isEmpty()).orElse(pin.who());
    boolean over = pin.isOver(root().context().clock().instant());
    String notes =
        Stream.of(
                over ? "EXPIRED, keeps nothing" : "",
                missing.isEmpty() ? "" : "not there since " + missing,
                reason.isEmpty() ? "" : "REVOKED: " + reason)
            .filter(each -> !each.isEmpty())
            .collect(Collectors.joining("; "));
    String reference = spec.map(Root.Spec::reference).orElse("");
    table.row(pin.place(), reference, pin.image(), owner, pin.when(), expires, notes);
    ObjectNode one =
        list.addObject()
            .put("name", pin.name())
            .put("file", spec.map(Root.Spec::file).orElse(""))
            .put("reference", reference)
            .put("image", pin.image().toString())
            .put("owner", owner)
            .put("who", pin.who())
            .put("since", pin.when().toString())
            .put("expires", expires)
            .put("expired", over)
            .put("missingSince", missing)
            .put("revoked", reason);
    spec.map(Root.Spec::lines).orElse(List.of()).forEach(one.putArray("lines")::add);
  }
}
