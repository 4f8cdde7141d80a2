package dev.imgstore.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an OCI manifest or index names (OCI image-spec 1.1, "Image Manifest" and "Image Index").
 * Only read here, never written again: the stored bytes are the document.
 */
public sealed interface ImageManifest {
  /** Largest manifest or index that is read; registries refuse larger ones too. */
  int MAX_SIZE = 4 << 20;

  /**
   * Our own media type, of a layer that is the encoding of one directory: the root of a tree that
   * was imported and is no image yet. Who follows references follows such a one as a tree.
   */
  String TREE = "application/vnd.imgstore.tree.v1";

  /** Everything the document names directly. */
  List<Descriptor> references();

  /** One platform's image. */
  record Single(Descriptor config, List<Descriptor> layers) implements ImageManifest {
    /** Copies in. */
    public Single {
      layers = List.copyOf(layers);
    }

    @Override
    public List<Descriptor> references() {
      List<Descriptor> all = new ArrayList<>();
      all.add(config);
      all.addAll(layers);
      return all;
    }

    /**
     * What each layer is called in the configuration's history (OCI image-spec 1.1, "Image
     * Configuration"); where that says nothing, its number.
     */
    public List<String> layerNames(BlobReader blobs) throws IOException {
      List<String> names = new ArrayList<>();
      try {
        for (JsonNode each : JsonTree.read(blobs.read(config.digest(), MAX_SIZE)).path("history")) {
          if (!each.path("empty_layer").asBoolean()) {
            names.add(each.path("comment").asText());
          }
        }
      } catch (JsonProcessingException | StoreException e) {
        names.clear(); // a name is only for people
      }
      for (int i = 0; i < layers.size(); i++) {
        if (i == names.size()) {
          names.add("");
        }
        if (names.get(i).isEmpty()) {
          names.set(i, (i + 1) + " of " + layers.size());
        }
      }
      return List.copyOf(names.subList(0, layers.size()));
    }
  }

  /** Several platforms' images. */
  record Index(List<Entry> manifests) implements ImageManifest {
    /** Copies in. */
    public Index {
      manifests = List.copyOf(manifests);
    }

    /** One of them. */
    public record Entry(Descriptor manifest, Platform platform) {}

    @Override
    public List<Descriptor> references() {
      return manifests.stream().map(Entry::manifest).toList();
    }
  }

  /**
   * Reads the manifest or index of this digest.
   *
   * @throws StoreException.MissingBlob if it is not held
   * @throws StoreException.Corrupt if it is neither
   */
  static ImageManifest read(BlobReader blobs, Digest digest) throws IOException {
    byte[] bytes = blobs.read(digest, MAX_SIZE);
    try {
      JsonNode top = JsonTree.read(bytes);
      if (top.has("manifests")) {
        List<Index.Entry> entries = new ArrayList<>();
        for (JsonNode each : top.get("manifests")) {
          JsonNode platform = each.required("platform");
          entries.add(
              new Index.Entry(
                  descriptor(each),
                  new Platform(
                      platform.required("os").asText(),
                      platform.required("architecture").asText(),
                      platform.path("variant").asText())));
        }
        return new Index(entries);
      }
      List<Descriptor> layers = new ArrayList<>();
      for (JsonNode each : top.required("layers")) {
        layers.add(descriptor(each));
      }
      return new Single(descriptor(top.required("config")), layers);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new StoreException.Corrupt("manifest " + digest, String.valueOf(e.getMessage()));
    }
  }

  private static Descriptor descriptor(JsonNode node) {
    return new Descriptor(
        node.required("mediaType").asText(),
        Digest.parse(node.required("digest").asText()),
        node.required("size").asLong());
  }
}
