package dev.imgstore.sync.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Registry.Referrer;
import java.io.IOException;
import java.util.Optional;

/** The little that a client reads in manifests (OCI image-spec 1.1). */
final class Documents {
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private Documents() {}

  /** Nothing has a member in what is no JSON. */
  static JsonNode read(byte[] bytes) {
    try {
      return new ObjectMapper().readTree(bytes);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new AssertionError("bytes in memory can be read", e);
    }
  }

  /** What it says it is, or looks like. */
  static String mediaType(byte[] bytes) {
    JsonNode top = read(bytes);
    String said = top.path("mediaType").asText();
    return said.isEmpty() ? top.has("manifests") ? INDEX : MANIFEST : said;
  }

  /** The manifest that this one is about. */
  static Optional<Digest> subject(byte[] bytes) {
    String subject = read(bytes).path("subject").path("digest").asText();
    return subject.matches("sha256:[0-9a-f]{64}")
        ? Optional.of(Digest.parse(subject))
        : Optional.empty();
  }

  /**
   * The entry of a list of referrers for a manifest (distribution-spec 1.1, "Listing Referrers").
   */
  static ObjectNode entry(Descriptor manifest, byte[] bytes) {
    JsonNode top = read(bytes);
    ObjectNode entry = new ObjectMapper().createObjectNode();
    entry.put("mediaType", manifest.mediaType());
    entry.put("digest", manifest.digest().toString());
    entry.put("size", manifest.size());
    String type = top.path("artifactType").asText(top.path("config").path("mediaType").asText());
    if (!type.isEmpty()) {
      entry.put("artifactType", type);
    }
    if (top.path("annotations").isObject()) {
      entry.set("annotations", top.get("annotations"));
    }
    return entry;
  }

  /** An entry of such a list; nothing if it is none. */
  static Optional<Referrer> referrer(JsonNode entry) {
    String digest = entry.path("digest").asText();
    long size = entry.path("size").asLong(-1);
    if (!digest.matches("sha256:[0-9a-f]{64}") || size < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Referrer(
            new Descriptor(entry.path("mediaType").asText(), Digest.parse(digest), size),
            entry.path("artifactType").asText()));
  }
}
