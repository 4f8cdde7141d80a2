package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What is in an image. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Show an image: its layers with sizes, and its packages.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore show web@3")
final class ShowCommand extends StoreCommand {
  @Parameters(paramLabel = "REF", description = "Which image.")
  String ref;

  @Override
  ExitCode run(Store store) throws IOException {
    BlobReader blobs = store.blobs();
    Held held = Held.read(blobs, find(store, ref));
    Current.tell(this, store, held.ref());
    var generation = held.ref().generation();
    ObjectNode json =
        object()
            .put("profile", held.ref().profile())
            .put("generation", generation.number())
            .put("image", generation.image().toString())
            .put("created", generation.created().toString())
            .put("author", generation.author())
            .put("message", generation.message())
            .put("git", generation.notes().getOrDefault(Profiles.GIT, ""))
            .put("stateBarrier", held.record().barrier().number())
            .put("recipe", held.record().recipe().toString())
            .put("lock", held.record().lock().toString());
    StringBuilder text = new StringBuilder();
    text.append(held.ref().name()).append(' ').append(generation.image()).append('\n');
    text.append("built ").append(generation.created()).append(" by ").append(generation.author());
    text.append(generation.message().isEmpty() ? "" : ": " + generation.message()).append('\n');
    if (generation.notes().containsKey(Profiles.GIT)) {
      text.append("recipe at git ").append(generation.notes().get(Profiles.GIT)).append('\n');
    }
    if (held.record().barrier().number() > 0) {
      text.append("state barrier ").append(held.record().barrier().number());
      text.append(held.record().barrier().text().isEmpty() ? "" : ": ");
      text.append(held.record().barrier().text()).append('\n');
    }
    ArrayNode platforms = json.putArray("platforms");
    for (Held.Sent sent : held.images(blobs)) {
      describe(sent, platforms.addObject(), text);
    }
    print(json, text.toString());
    return ExitCode.DONE;
  }

  private static void describe(Held.Sent sent, ObjectNode json, StringBuilder text) {
    BuildRecord.Part part = sent.part();
    json.put("platform", part.platform().toString())
        .put("manifest", part.manifest().toString())
        .put("config", sent.manifest().config().digest().toString())
        .put("tree", part.tree().toString())
        .put("bytes", sent.size());
    text.append('\n').append(part.platform()).append("  ").append(Table.bytes(sent.size()));
    text.append(" to send, manifest ").append(part.manifest()).append('\n');
    Table layers = new Table("LAYER", "SIZE", "MEDIA TYPE");
    ArrayNode list = json.putArray("layers");
    for (Descriptor layer : sent.manifest().layers()) {
      layers.row(layer.digest(), Table.bytes(layer.size()), layer.mediaType());
      list.addObject()
          .put("digest", layer.digest().toString())
          .put("bytes", layer.size())
          .put("mediaType", layer.mediaType());
    }
    text.append(layers);
    Table packages = new Table("PACKAGE", "VERSION", "ARCHITECTURE");
    ArrayNode names = json.putArray("packages");
    for (BuildRecord.InstalledPackage each : part.packages()) {
      packages.row(each.name(), each.version(), each.architecture());
      names
          .addObject()
          .put("name", each.name())
          .put("version", each.version())
          .put("architecture", each.architecture());
    }
    text.append(packages);
    ArrayNode unhandled = json.putArray("unhandled");
    part.unhandled().forEach(unhandled::add);
    if (!part.unhandled().isEmpty()) {
      text.append("left undone by scripts: none\n");
      part.unhandled().forEach(each -> text.append("  ").append(each).append('\n'));
    }
  }
}
