package dev.imgstore.builder.source.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The documents of an image (OCI image-spec 1.1, manifest.md, image-index.md, config.md), as far as
 * its tree needs them. Docker's own media types are read as OCI's.
 */
final class ImageFiles {
  /** Larger documents are refused. */
  static final int LARGEST = 8 << 20;

  private static final int MOST_LAYERS = 512;
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
              .build());

  private final String image;
  private final BlobReader blobs;

  /** One blob that a document names. */
  record Part(Digest digest, long size) {}

  /** A manifest: its config, and the layers from the lowest up. */
  record Manifest(Part config, List<Part> layers) {
    Manifest {
      layers = List.copyOf(layers);
    }
  }

  /**
   * Over these blobs.
   *
   * @param image what it is, for people
   */
  ImageFiles(String image, BlobReader blobs) {
    this.image = image;
    this.blobs = blobs;
  }

  /** The manifest for a platform: one of the index, or the image itself if it is no index. */
  Optional<Part> manifest(Digest image, Platform platform) throws IOException {
    JsonNode top = read(image);
    if (!top.has("manifests")) {
      return Optional.of(new Part(image, blobs.size(image)));
    }
    Part found = null;
    for (JsonNode each : top.path("manifests")) {
      JsonNode of = each.path("platform");
      String variant = of.path("variant").asText();
      boolean fits =
          of.path("os").asText().equals(platform.os())
              && of.path("architecture").asText().equals(platform.architecture());
      if (fits && variant.equals(platform.variant())) {
        return Optional.of(part(each));
      }
      if (fits && found == null && (variant.isEmpty() || platform.variant().isEmpty())) {
        found = part(each);
      }
    }
    return Optional.ofNullable(found);
  }

  /** What a manifest names. */
  Manifest manifest(Digest digest) throws IOException {
    JsonNode top = read(digest);
    List<Part> layers = new ArrayList<>();
    for (JsonNode each : top.path("layers")) {
      layers.add(part(each));
      String type = each.path("mediaType").asText();
      if (!type.contains("tar") || type.contains("foreign") || type.contains("nondistributable")) {
        throw fault("its layer of the type " + type + " is not read");
      }
    }
    if (!top.has("config") || layers.size() > MOST_LAYERS) {
      throw fault(digest + " is no manifest of an image with at most " + MOST_LAYERS + " layers");
    }
    return new Manifest(part(top.path("config")), layers);
  }

  /** The digests of the layers' tars, from the lowest up. */
  List<Digest> tars(Digest config) throws IOException {
    List<Digest> tars = new ArrayList<>();
    for (JsonNode each : read(config).path("rootfs").path("diff_ids")) {
      tars.add(digest(each.asText()));
    }
    return tars;
  }

  private JsonNode read(Digest document) throws IOException {
    try {
      JsonNode top = JSON.readTree(blobs.read(document, LARGEST));
      if (top.isObject()) {
        return top;
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      // told below
    }
    throw fault(document + " is no document of an image");
  }

  private Part part(JsonNode descriptor) throws IOException {
    long size = descriptor.path("size").asLong(-1);
    if (size < 0) {
      throw fault("a descriptor does not tell its size");
    }
    return new Part(digest(descriptor.path("digest").asText()), size);
  }

  private Digest digest(String text) throws IOException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw fault("only digests by sha256 are read, and it names one that is not");
    }
  }

  private IOException fault(String why) {
    return new IOException(image + ": " + why);
  }
}
