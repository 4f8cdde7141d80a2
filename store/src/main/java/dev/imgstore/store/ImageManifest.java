package dev.imgstore.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an OCI manifest or index names (OCI image-spec 1.1, "Image Manifest" and "Image Index").
 * Only read here, never written again: the stored bytes are the document.
 */
public sealed interface ImageManifest {
  /** Largest manifest or index that is read; registries refuse larger ones too. */
  int MAX_SIZE = 4 << 20;

  /** OCI's media type of an index. */
  String INDEX = "application/vnd.oci.image.index.v1+json";

  /** OCI's media type of a manifest. */
  String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /**
   * Our own media type, of a layer that is the encoding of one directory: the root of a tree that
   * was imported and is no image yet. Who follows references follows such a one as a tree.
   */
  String TREE = "application/vnd.imgstore.tree.v1";

  /** What the document calls itself; what OCI calls it if it does not say. */
  String mediaType();

  /** Everything the document names directly, and that is stored where it is. */
  List<Descriptor> references();

  /** The manifests that an index names; none of one image. */
  default List<Digest> parts() {
    return List.of();
  }

  /**
   * What the document names and need not be stored: what it is about, if it is an artifact of
   * something else (OCI image-spec 1.1, "subject"), and layers that have addresses of their own.
   * What of it is stored is kept as long as the document is.
   */
  List<Descriptor> loose();

  /** One platform's image, or an artifact: then config and layers may be of any type. */
  record Single(
      String mediaType, Descriptor config, List<Descriptor> layers, List<Descriptor> loose)
      implements ImageManifest {
    /** Copies in. */
    public Single {
      layers = List.copyOf(layers);
      loose = List.copyOf(loose);
    }

    /** Without anything loose. */
    public Single(String mediaType, Descriptor config, List<Descriptor> layers) {
      this(mediaType, config, layers, List.of());
    }

    @Override
    public List<Descriptor> references() {
      List<Descriptor> all = new ArrayList<>();
      all.add(config);
      layers.stream().filter(each -> !loose.contains(each)).forEach(all::add);
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

  /** Several platforms' images, or whatever else goes together. */
  record Index(String mediaType, List<Entry> manifests, List<Descriptor> loose)
      implements ImageManifest {
    /** Copies in. */
    public Index {
      manifests = List.copyOf(manifests);
      loose = List.copyOf(loose);
    }

    /** Without anything loose. */
    public Index(String mediaType, List<Entry> manifests) {
      this(mediaType, manifests, List.of());
    }

    /**
     * One of them.
     *
     * @param platform as the index has it, such as {@code linux/arm64/v8}; empty if it names none
     */
    public record Entry(Descriptor manifest, String platform) {
      /** What it runs on; nothing if the index names nothing that an image could run on. */
      public Optional<Platform> runsOn() {
        try {
          return Optional.of(Platform.parse(platform)).filter(each -> !each.os().equals("unknown"));
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
    }

    @Override
    public List<Descriptor> references() {
      return manifests.stream().map(Entry::manifest).toList();
    }

    @Override
    public List<Digest> parts() {
      return references().stream().map(Descriptor::digest).toList();
    }
  }

  /**
   * Reads the manifest or index of this digest.
   *
   * @throws StoreException.MissingBlob if it is not held
   * @throws StoreException.Corrupt if it is neither
   */
  static ImageManifest read(BlobReader blobs, Digest digest) throws IOException {
    return parse(digest, blobs.read(digest, MAX_SIZE));
  }

  /**
   * Reads one that is not stored yet.
   *
   * @throws StoreException.Corrupt if it is neither a manifest nor an index
   */
  static ImageManifest parse(Digest digest, byte[] bytes) throws StoreException {
    try {
      JsonNode top = JsonTree.read(bytes);
      List<Descriptor> loose = new ArrayList<>();
      if (top.path("subject").isObject()) {
        loose.add(descriptor(top.get("subject")));
      }
      if (top.has("manifests")) {
        List<Index.Entry> entries = new ArrayList<>();
        for (JsonNode each : top.get("manifests")) {
          entries.add(new Index.Entry(descriptor(each), platform(each.path("platform"))));
        }
        return new Index(top.path("mediaType").asText(INDEX), entries, loose);
      }
      List<Descriptor> layers = new ArrayList<>();
      for (JsonNode each : top.required("layers")) {
        layers.add(descriptor(each));
        if (isElsewhere(each)) {
          loose.add(descriptor(each));
        }
      }
      return new Single(
          top.path("mediaType").asText(MANIFEST),
          descriptor(top.required("config")),
          layers,
          loose);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new StoreException.Corrupt("manifest " + digest, String.valueOf(e.getMessage()));
    }
  }

  private static String platform(JsonNode node) {
    String variant = node.path("variant").asText();
    return node.isMissingNode()
        ? ""
        : node.path("os").asText()
            + "/"
            + node.path("architecture").asText()
            + (variant.isEmpty() ? "" : "/" + variant);
  }

  /**
   * True for a descriptor of what has an address of its own, and need not be where the manifest is
   * (OCI image-spec 1.1, "Non-Distributable Layers").
   */
  static boolean isElsewhere(JsonNode descriptor) {
    return !descriptor.path("urls").isEmpty();
  }

  private static Descriptor descriptor(JsonNode node) {
    return new Descriptor(
        node.required("mediaType").asText(),
        Digest.parse(node.required("digest").asText()),
        node.required("size").asLong());
  }
}
