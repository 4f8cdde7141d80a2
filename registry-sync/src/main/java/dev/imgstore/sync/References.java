package dev.imgstore.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a manifest or index names (OCI image-spec 1.1, "Image Manifest", "Image Index"; the artifact
 * manifest of its drafts). Its subject is not among them: that may be missing.
 *
 * @param mediaType as the document says, or as it looks
 * @param manifests that an index names
 * @param blobs configuration, layers or blobs; without those that are only to be had elsewhere
 */
record References(String mediaType, List<Descriptor> manifests, List<Descriptor> blobs) {
  /** Copies in. */
  References {
    manifests = List.copyOf(manifests);
    blobs = List.copyOf(blobs);
  }

  /**
   * Reads a document.
   *
   * @param what it is, for messages
   */
  static References read(String what, byte[] document) throws IOException {
    try {
      JsonNode top = new ObjectMapper().readTree(document);
      List<Descriptor> manifests = new ArrayList<>();
      List<Descriptor> blobs = new ArrayList<>();
      add(top.path("manifests"), manifests);
      if (top.has("config")) {
        blobs.add(descriptor(top.get("config")));
      }
      add(top.path("layers"), blobs);
      add(top.path("blobs"), blobs);
      String said = top.path("mediaType").asText();
      String looks =
          top.has("manifests")
              ? "application/vnd.oci.image.index.v1+json"
              : "application/vnd.oci.image.manifest.v1+json";
      return new References(said.isEmpty() ? looks : said, manifests, blobs);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new RegistryException(
          Kind.WRONG, what + " is no manifest or index: " + e.getMessage(), e);
    }
  }

  private static void add(JsonNode list, List<Descriptor> all) {
    for (JsonNode each : list) {
      Descriptor descriptor = descriptor(each);
      if (!descriptor.mediaType().contains("nondistributable")
          && !descriptor.mediaType().contains(".foreign.")) {
        all.add(descriptor);
      }
    }
  }

  private static Descriptor descriptor(JsonNode node) {
    return new Descriptor(
        node.required("mediaType").asText(),
        Digest.parse(node.required("digest").asText()),
        node.required("size").asLong());
  }
}
