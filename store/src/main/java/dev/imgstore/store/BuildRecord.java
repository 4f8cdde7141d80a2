package dev.imgstore.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an image was made from, kept with its generation so that it can be shown, compared and built
 * again. Stored as canonical JSON; what it names by digest is reached by the generation.
 *
 * @param image digest of the manifest or index
 * @param recipe the recipe's text as it was
 * @param settings the {@code --set} values
 * @param lock the lock's text as it was
 * @param sources every fetched input, by digest; sorted
 * @param locals files beside the recipe, as trees, by the path written in the recipe
 * @param parts one per platform, sorted
 * @param barrier how far data on disks outside the image have been migrated by it
 */
public record BuildRecord(
    Digest image,
    Digest recipe,
    SortedMap<String, String> settings,
    Digest lock,
    List<Digest> sources,
    SortedMap<String, TreeId> locals,
    List<Part> parts,
    Barrier barrier) {
  private static final int FORMAT = 1;
  private static final String BARRIER = "barrier";

  /** Of what has no state barrier. */
  public BuildRecord(
      Digest image,
      Digest recipe,
      SortedMap<String, String> settings,
      Digest lock,
      List<Digest> sources,
      SortedMap<String, TreeId> locals,
      List<Part> parts) {
    this(image, recipe, settings, lock, sources, locals, parts, Barrier.NONE);
  }

  /**
   * A step after which older images cannot read what newer ones have written: going back over one
   * is refused.
   *
   * @param number rises with each such step; 0 if there was none
   * @param text what to know before going back; may be empty
   */
  public record Barrier(long number, String text) {
    /** There is none. */
    public static final Barrier NONE = new Barrier(0, "");
  }

  /** Copies in. */
  public BuildRecord {
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    sources = sources.stream().sorted().distinct().toList();
    locals = Collections.unmodifiableSortedMap(new TreeMap<>(locals));
    parts = List.copyOf(parts);
  }

  /**
   * One platform's share.
   *
   * @param tree the finished root tree
   * @param packages sorted by name
   * @param unhandled what maintainer scripts would have done and nothing did
   * @param made by the names of the actions that ran programs: evidence, which is not kept alive
   */
  public record Part(
      Platform platform,
      TreeId tree,
      Digest manifest,
      List<InstalledPackage> packages,
      List<String> unhandled,
      SortedMap<String, Made> made) {
    /** Copies in. */
    public Part {
      packages = packages.stream().sorted().toList();
      unhandled = List.copyOf(unhandled);
      made = Collections.unmodifiableSortedMap(new TreeMap<>(made));
    }

    /** Of what ran no programs. */
    public Part(
        Platform platform,
        TreeId tree,
        Digest manifest,
        List<InstalledPackage> packages,
        List<String> unhandled) {
      this(platform, tree, manifest, packages, unhandled, Collections.emptySortedMap());
    }
  }

  /**
   * What an action gave for this image.
   *
   * @param outputs trees by the name of the output
   */
  public record Made(ActionKey key, SortedMap<String, TreeId> outputs) {
    /** Copies in. */
    public Made {
      outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    }
  }

  /** A package of the image. */
  public record InstalledPackage(String name, String version, String architecture)
      implements Comparable<InstalledPackage> {
    @Override
    public int compareTo(InstalledPackage other) {
      int byName = name.compareTo(other.name);
      return byName != 0 ? byName : architecture.compareTo(other.architecture);
    }
  }

  /** The canonical bytes. */
  public byte[] encode() {
    ObjectNode top = JsonNodeFactory.instance.objectNode();
    top.put("format", FORMAT);
    top.put("image", image.toString());
    top.put("recipe", recipe.toString());
    ObjectNode set = top.putObject("settings");
    settings.forEach(set::put);
    top.put("lock", lock.toString());
    ArrayNode fetched = top.putArray("sources");
    sources.forEach(source -> fetched.add(source.toString()));
    ObjectNode files = top.putObject("locals");
    locals.forEach((path, tree) -> files.put(path, tree.toString()));
    ArrayNode list = top.putArray("parts");
    for (Part part : parts) {
      ObjectNode one = list.addObject();
      one.put("platform", part.platform().toString());
      one.put("tree", part.tree().toString());
      one.put("manifest", part.manifest().toString());
      ArrayNode packages = one.putArray("packages");
      for (InstalledPackage each : part.packages()) {
        packages.addArray().add(each.name()).add(each.version()).add(each.architecture());
      }
      ArrayNode unhandled = one.putArray("unhandled");
      part.unhandled().forEach(unhandled::add);
      ObjectNode made = one.putObject("made");
      part.made()
          .forEach(
              (name, each) -> {
                ObjectNode action = made.putObject(name).put("key", each.key().toString());
                ObjectNode outputs = action.putObject("outputs");
                each.outputs().forEach((output, tree) -> outputs.put(output, tree.toString()));
              });
    }
    if (!barrier.equals(Barrier.NONE)) { // others keep the bytes they always had
      top.putObject(BARRIER).put("number", barrier.number()).put("text", barrier.text());
    }
    return JsonTree.text(top).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws StoreException.Corrupt if it is no build record
   * @throws StoreException.UnknownFormat if a later version wrote it
   */
  public static BuildRecord decode(Digest name, byte[] bytes) throws IOException {
    try {
      JsonNode top = JsonTree.read(bytes);
      if (top.path("format").asInt() > FORMAT) {
        throw new StoreException.UnknownFormat(
            "build record " + name + " was written by a later imgstore; use that one");
      }
      List<Digest> sources = new ArrayList<>();
      top.required("sources").forEach(each -> sources.add(Digest.parse(each.asText())));
      List<Part> parts = new ArrayList<>();
      for (JsonNode part : top.required("parts")) {
        parts.add(part(part));
      }
      return new BuildRecord(
          digest(top, "image"),
          digest(top, "recipe"),
          map(top.required("settings")),
          digest(top, "lock"),
          sources,
          trees(top.required("locals")),
          parts,
          new Barrier(
              top.path(BARRIER).path("number").asLong(0),
              top.path(BARRIER).path("text").asText("")));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new StoreException.Corrupt("build record " + name, String.valueOf(e.getMessage()));
    }
  }

  private static Part part(JsonNode node) {
    List<InstalledPackage> packages = new ArrayList<>();
    for (JsonNode each : node.required("packages")) {
      packages.add(
          new InstalledPackage(
              each.required(0).asText(), each.required(1).asText(), each.required(2).asText()));
    }
    List<String> unhandled = new ArrayList<>();
    node.required("unhandled").forEach(each -> unhandled.add(each.asText()));
    SortedMap<String, Made> made = new TreeMap<>();
    for (Map.Entry<String, JsonNode> each :
        node.path("made").properties()) { // the first imgstores wrote none
      ActionKey key = new ActionKey(digest(each.getValue(), "key"));
      made.put(each.getKey(), new Made(key, trees(each.getValue().required("outputs"))));
    }
    return new Part(
        Platform.parse(node.required("platform").asText()),
        new TreeId(digest(node, "tree")),
        digest(node, "manifest"),
        packages,
        unhandled,
        made);
  }

  private static Digest digest(JsonNode node, String field) {
    return Digest.parse(node.required(field).asText());
  }

  private static SortedMap<String, String> map(JsonNode node) {
    SortedMap<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(entry.getKey(), entry.getValue().asText());
    }
    return map;
  }

  private static SortedMap<String, TreeId> trees(JsonNode node) {
    SortedMap<String, TreeId> map = new TreeMap<>();
    map(node).forEach((path, tree) -> map.put(path, new TreeId(Digest.parse(tree))));
    return map;
  }
}
