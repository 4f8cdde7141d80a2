package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What changed between two images. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Show what changed between two images: packages, files, configuration, sizes.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore diff web~1 web")
final class DiffCommand extends StoreCommand {
  private static final int MAX_CONFIG = 4 << 20;

  @Parameters(index = "0", paramLabel = "REF", description = "Before.")
  String before;

  @Parameters(index = "1", paramLabel = "REF", description = "After.")
  String after;

  @Override
  ExitCode run(Store store) throws IOException {
    BlobReader blobs = store.blobs();
    Held old = Held.read(blobs, find(store, before));
    Held young = Held.read(blobs, find(store, after));
    ObjectNode json =
        object()
            .put("before", old.ref().generation().image().toString())
            .put("after", young.ref().generation().image().toString());
    StringBuilder text = new StringBuilder();
    text.append(old.ref().name()).append(" to ").append(young.ref().name()).append('\n');
    for (Held each : List.of(old, young)) {
      if (each.record().parts().isEmpty()) {
        text.append(each.ref().name()).append(" is not unpacked: its files are not compared\n");
      }
    }
    ArrayNode platforms = json.putArray("platforms");
    Map<String, Held.Sent> was = byPlatform(old, blobs);
    Map<String, Held.Sent> is = byPlatform(young, blobs);
    TreeSet<String> names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet());
    for (String name : names) {
      ObjectNode one = platforms.addObject().put("platform", name);
      Held.Sent from = was.get(name);
      Held.Sent to = is.get(name);
      if (from == null || to == null) {
        one.put("change", from == null ? "added" : "removed")
            .put("bytesBefore", from == null ? 0 : from.size())
            .put("bytesAfter", to == null ? 0 : to.size());
        one.putArray("packages");
        one.putArray("config");
        one.putArray("files");
        text.append(from == null ? "+ " : "- ").append("platform ").append(name).append('\n');
      } else {
        one.put("change", "compared");
        platform(blobs, from, to, one, text);
      }
    }
    print(json, text.toString());
    return ExitCode.DONE;
  }

  private static Map<String, Held.Sent> byPlatform(Held held, BlobReader blobs) throws IOException {
    Map<String, Held.Sent> map = new TreeMap<>();
    for (Held.Sent sent : held.images(blobs)) {
      map.put(sent.part().platform().toString(), sent);
    }
    return map;
  }

  private static void platform(
      BlobReader blobs, Held.Sent from, Held.Sent to, ObjectNode json, StringBuilder text)
      throws IOException {
    text.append('\n').append(to.part().platform()).append(": ");
    text.append(Table.bytes(from.size())).append(" to ").append(Table.bytes(to.size()));
    text.append(" to send\n");
    json.put("bytesBefore", from.size()).put("bytesAfter", to.size());
    packages(from.part(), to.part(), json.putArray("packages"), text);
    JsonNode wasConfig = config(blobs, from);
    JsonNode isConfig = config(blobs, to);
    ArrayNode config = json.putArray("config");
    TreeSet<String> fields = new TreeSet<>();
    wasConfig.fieldNames().forEachRemaining(fields::add);
    isConfig.fieldNames().forEachRemaining(fields::add);
    for (String field : fields) {
      JsonNode a = wasConfig.path(field);
      JsonNode b = isConfig.path(field);
      if (!a.equals(b)) {
        config
            .addObject()
            .put("field", field)
            .put("before", a.toString())
            .put("after", b.toString());
        text.append("~ config ").append(field).append(": ").append(a).append(" to ").append(b);
        text.append('\n');
      }
    }
    ArrayNode files = json.putArray("files");
    for (TreeDiff.Change change : TreeDiff.between(blobs, from.part().tree(), to.part().tree())) {
      files
          .addObject()
          .put("path", change.path().toString())
          .put("change", change.kind().name().toLowerCase(java.util.Locale.ROOT))
          .put("what", change.what())
          .put("bytesBefore", change.sizeBefore())
          .put("bytesAfter", change.sizeAfter());
      text.append(change.kind().sign).append(' ').append(change.path());
      text.append(change.what().isEmpty() ? "" : " (" + change.what() + ")");
      long grown = change.sizeAfter() - change.sizeBefore();
      text.append(grown == 0 ? "" : "  %+d bytes".formatted(grown)).append('\n');
    }
  }

  private static JsonNode config(BlobReader blobs, Held.Sent sent) throws IOException {
    byte[] bytes = blobs.read(sent.manifest().config().digest(), MAX_CONFIG);
    return new ObjectMapper().readTree(bytes).path("config");
  }

  private static void packages(
      BuildRecord.Part from, BuildRecord.Part to, ArrayNode json, StringBuilder text) {
    Map<String, InstalledPackage> was = byName(from);
    Map<String, InstalledPackage> is = byName(to);
    TreeSet<String> names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet());
    for (String name : names) {
      String a = Optional.ofNullable(was.get(name)).map(InstalledPackage::version).orElse("");
      String b = Optional.ofNullable(is.get(name)).map(InstalledPackage::version).orElse("");
      if (!a.equals(b)) {
        json.addObject().put("name", name).put("before", a).put("after", b);
        String sign = a.isEmpty() ? "+" : b.isEmpty() ? "-" : "~";
        text.append(sign).append(" package ").append(name).append(' ').append(a);
        text.append(a.isEmpty() || b.isEmpty() ? "" : " to ").append(b).append('\n');
      }
    }
  }

  private static Map<String, InstalledPackage> byName(BuildRecord.Part part) {
    Map<String, InstalledPackage> map = new TreeMap<>();
    for (InstalledPackage each : part.packages()) {
      map.put(each.name() + ":" + each.architecture(), each);
    }
    return map;
  }
}
