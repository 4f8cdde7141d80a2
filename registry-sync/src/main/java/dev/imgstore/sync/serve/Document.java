package dev.imgstore.sync.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.JsonTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A manifest or index as a registry sees it (OCI image-spec 1.1, "Image Manifest", "Image Index").
 *
 * @param isTree whether anything it names is said to be a tree of ours, which no registry's client
 *     could do anything with
 * @param parts configuration and layers, or the manifests of an index; of layers only those that
 *     the registry itself is to have
 * @param subjects the one that this is about, or none
 * @param annotations those that are text, as all should be
 */
record Document(
    String mediaType,
    boolean isIndex,
    boolean isTree,
    List<Descriptor> parts,
    List<Digest> subjects,
    String artifactType,
    SortedMap<String, String> annotations) {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  /**
   * Of an object with what belongs to it, such as a descriptor in a list and its digest in a set.
   */
  private static final long WEIGHT = 320;

  private static final Set<String> OF_INDEXES = Set.of(INDEX, DOCKER_LIST);
  private static final Set<String> OF_MANIFESTS = Set.of(MANIFEST, DOCKER_MANIFEST);

  /** Copies in. */
  Document {
    parts = List.copyOf(parts);
    subjects = List.copyOf(subjects);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /** What this is about, if it is an artifact of something else. */
  Optional<Digest> subject() {
    return subjects.stream().findFirst();
  }

  /** What it takes to remember this, in bytes, guessed rather too high. */
  long weight() {
    long text = (long) mediaType.length() + artifactType.length();
    for (Descriptor each : parts) {
      text += each.mediaType().length();
    }
    for (var each : annotations.entrySet()) {
      text += (long) each.getKey().length() + each.getValue().length();
    }
    long things = 1L + parts.size() + subjects.size() + annotations.size();
    return 2 * text + WEIGHT * things;
  }

  /**
   * Reads one that a client would have stored: also what is known to be no text where there should
   * be is refused.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Document parsePushed(byte[] bytes) {
    JsonNode top = top(bytes);
    JsonNode annotations = top.path("annotations");
    boolean isNothing = annotations.isMissingNode() || annotations.isNull();
    if (!isNothing && !annotations.isObject()) {
      throw new IllegalArgumentException("its annotations are no object");
    }
    for (JsonNode each : annotations) {
      if (!each.isTextual()) {
        throw new IllegalArgumentException("one of its annotations is no text");
      }
    }
    return of(top);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Document parse(byte[] bytes) {
    return of(top(bytes));
  }

  private static JsonNode top(byte[] bytes) {
    JsonNode top;
    try {
      top = JsonTree.read(bytes);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON document", e);
    }
    if (!top.isObject() || top.path("schemaVersion").asInt() != 2) {
      throw new IllegalArgumentException("it has no schemaVersion 2");
    }
    return top;
  }

  private static Document of(JsonNode top) {
    boolean isIndex = top.has("manifests");
    if (isIndex && (top.has("layers") || top.has("config") || top.has("fsLayers"))) {
      throw new IllegalArgumentException("it is an index and a manifest at once");
    }
    String type = mediaType(top, isIndex);
    List<Descriptor> parts = new ArrayList<>();
    List<Descriptor> others = new ArrayList<>();
    if (isIndex) {
      descriptors(top.get("manifests"), parts, parts);
    } else {
      parts.add(descriptor(top.path("config")));
      descriptors(top.path("layers"), parts, others);
    }
    List<Digest> subjects = new ArrayList<>();
    if (top.has("subject")) {
      others.add(descriptor(top.get("subject")));
      subjects.add(descriptor(top.get("subject")).digest());
    }
    boolean isTree =
        Stream.concat(parts.stream(), others.stream())
            .anyMatch(each -> each.mediaType().equals(ImageManifest.TREE));
    String artifact = text(top, "artifactType");
    if (artifact.isEmpty() && !isIndex) {
      artifact = parts.get(0).mediaType();
    }
    return new Document(type, isIndex, isTree, parts, subjects, artifact, annotations(top));
  }

  private static SortedMap<String, String> annotations(JsonNode top) {
    SortedMap<String, String> annotations = new TreeMap<>();
    for (var each : top.path("annotations").properties()) {
      if (each.getValue().isTextual()) {
        annotations.put(each.getKey(), each.getValue().asText());
      }
    }
    return annotations;
  }

  /** What it says it is; where it does not, what its shape says. */
  private static String mediaType(JsonNode top, boolean isIndex) {
    String said = text(top, "mediaType");
    if (said.isEmpty()) {
      return isIndex ? INDEX : MANIFEST;
    }
    if (!(isIndex ? OF_INDEXES : OF_MANIFESTS).contains(said)) {
      throw new IllegalArgumentException(
          "its mediaType is "
              + said
              + ", and it looks like "
              + (isIndex ? "an index" : "an image manifest"));
    }
    return said;
  }

  private static String text(JsonNode top, String field) {
    if (!top.has(field)) {
      return "";
    }
    if (!top.get(field).isTextual()) {
      throw new IllegalArgumentException("its " + field + " is no text");
    }
    return top.get(field).asText();
  }

  /** A collection takes a layer with addresses for one that need not be here, and only a layer. */
  private static void descriptors(
      JsonNode list, List<Descriptor> here, List<Descriptor> elsewhere) {
    if (!list.isArray()) {
      throw new IllegalArgumentException("it has no list of layers or manifests");
    }
    for (JsonNode each : list) {
      (ImageManifest.isElsewhere(each) ? elsewhere : here).add(descriptor(each));
    }
  }

  private static Descriptor descriptor(JsonNode node) {
    if (!node.path("mediaType").isTextual()
        || !node.path("digest").isTextual()
        || !node.path("size").isIntegralNumber()) {
      throw new IllegalArgumentException("a descriptor lacks its mediaType, digest or size");
    }
    return new Descriptor(
        node.get("mediaType").asText(),
        Digest.parse(node.get("digest").asText()),
        node.get("size").asLong());
  }
}
