package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    description = {
      "Show what changed between two images, for whoever reviews it: who made them and why, their",
      "packages, files and whose they are, configuration, sizes, recipe and lock."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore diff web~1 web")
final class DiffCommand extends StoreCommand {
  private static final int MAX_CONFIG = 4 << 20;
  private static final int MAX_TEXT = 64 << 20;

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
    about('-', old, json.putObject("from"), text);
    about('+', young, json.putObject("to"), text);
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
        platform(
            blobs,
            new Pair(from, to, owners(blobs, old, from), owners(blobs, young, to)),
            one,
            text);
      }
    }
    texts(blobs, "recipe", old.record().recipe(), young.record().recipe(), json, text);
    texts(blobs, "lock", old.record().lock(), young.record().lock(), json, text);
    print(json, text.toString());
    return ExitCode.DONE;
  }

  /** Who made it, when, why, and from which commit. */
  private static void about(char sign, Held held, ObjectNode json, StringBuilder text) {
    Generation generation = held.ref().generation();
    String git = generation.notes().getOrDefault(Profiles.GIT, "");
    json.put("ref", held.ref().name())
        .put("image", generation.image().toString())
        .put("created", generation.created().toString())
        .put("author", generation.author())
        .put("message", generation.message())
        .put("git", git)
        .put("stateBarrier", held.record().barrier().number());
    text.append(sign).append(' ').append(held.ref().name()).append(" by ");
    text.append(generation.author()).append(", ").append(generation.created());
    text.append(git.isEmpty() ? "" : ", git " + RecipeCommit.brief(git));
    long barrier = held.record().barrier().number();
    text.append(barrier == 0 ? "" : ", state barrier " + barrier);
    text.append(generation.message().isEmpty() ? "" : ": " + generation.message()).append('\n');
  }

  /** Recipe or lock, line by line. */
  private static void texts(
      BlobReader blobs, String what, Digest old, Digest young, ObjectNode json, StringBuilder text)
      throws IOException {
    ArrayNode list = json.putArray(what);
    if (old.equals(young)) {
      return;
    }
    List<String> lines = TextDiff.between(text(blobs, old), text(blobs, young));
    lines.forEach(list::add);
    text.append('\n').append(what).append(":\n");
    lines.forEach(line -> text.append(line).append('\n'));
  }

  private static String text(BlobReader blobs, Digest blob) throws IOException {
    return new String(blobs.read(blob, MAX_TEXT), StandardCharsets.UTF_8);
  }

  /** The images of a platform, and whose their files are. */
  private record Pair(
      Held.Sent from, Held.Sent to, Map<TreePath, String> was, Map<TreePath, String> is) {
    /** The package of a path, the new one's first. */
    String owner(TreePath path) {
      return is.getOrDefault(path, was.getOrDefault(path, ""));
    }
  }

  private static Map<TreePath, String> owners(BlobReader blobs, Held held, Held.Sent sent)
      throws IOException {
    return Owners.of(blobs, held.ref().generation().record())
        .getOrDefault(sent.part().tree(), Map.of());
  }

  private static Map<String, Held.Sent> byPlatform(Held held, BlobReader blobs) throws IOException {
    Map<String, Held.Sent> map = new TreeMap<>();
    for (Held.Sent sent : held.images(blobs)) {
      map.put(sent.part().platform().toString(), sent);
    }
    return map;
  }

  private static void platform(BlobReader blobs, Pair pair, ObjectNode json, StringBuilder text)
      throws IOException {
    Held.Sent from = pair.from();
    Held.Sent to = pair.to();
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
          .put("package", pair.owner(change.path()))
          .put("bytesBefore", change.sizeBefore())
          .put("bytesAfter", change.sizeAfter());
      text.append(change.kind().sign).append(' ').append(change.path());
      text.append(change.what().isEmpty() ? "" : " (" + change.what() + ")");
      long grown = change.sizeAfter() - change.sizeBefore();
      text.append(grown == 0 ? "" : "  %+d bytes".formatted(grown));
      String owner = pair.owner(change.path());
      text.append(owner.isEmpty() ? "" : "  of " + owner).append('\n');
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
