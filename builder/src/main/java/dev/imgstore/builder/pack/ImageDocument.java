package dev.imgstore.builder.pack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.DiffId;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A manifest or an index read back from the store, whoever wrote it. Fields this room does not know
 * are passed over; the bytes themselves stay as they are in the store.
 *
 * @param root the manifest or index
 * @param images one, or those of the index in its order; what is no image of a platform, as an
 *     artifact or an attestation, is not among them
 * @param blobs every blob the root reaches, itself among them, each once, in order of digests
 */
public record ImageDocument(Descriptor root, List<Member> images, List<Descriptor> blobs) {
  /** Most bytes of a manifest, index or configuration that are read (as registries do). */
  public static final int MAX_BYTES = ImageManifest.MAX_SIZE;

  private static final Set<String> CONFIGS =
      Set.of(MediaTypes.CONFIG, "application/vnd.docker.container.image.v1+json");

  /** An index in an index, and so on. */
  private static final int DEEPEST = 16;

  /** An image and the platform its configuration names. */
  public record Member(Platform platform, Image image) {}

  /** Copies in. */
  public ImageDocument {
    Objects.requireNonNull(root);
    images = List.copyOf(images);
    blobs = List.copyOf(blobs);
  }

  /** True if the root is an index. */
  public boolean isIndex() {
    return root.mediaType().equals(MediaTypes.INDEX)
        || root.mediaType().equals("application/vnd.docker.distribution.manifest.list.v2+json");
  }

  /**
   * Reads a manifest or index and what it names.
   *
   * @throws StoreException.MissingBlob if a document is not held
   * @throws StoreException.Corrupt if one is not what it should be
   */
  public static ImageDocument read(BlobReader blobs, Digest root) throws IOException {
    String type = ImageManifest.read(blobs, root).mediaType();
    Descriptor top = new Descriptor(type, root, blobs.size(root));
    Walk walk = new Walk(blobs);
    walk.follow(top, 0);
    return new ImageDocument(top, walk.members, List.copyOf(walk.all.values()));
  }

  /** Meets everything that a document names, each once. */
  private static final class Walk {
    private final BlobReader blobs;
    private final Set<Digest> followed = new HashSet<>();
    private final List<Member> members = new ArrayList<>();
    private final SortedMap<Digest, Descriptor> all = new TreeMap<>();

    Walk(BlobReader blobs) {
      this.blobs = blobs;
    }

    void follow(Descriptor document, int depth) throws IOException {
      if (depth > DEEPEST) {
        throw bad(document.digest(), "indexes are nested deeper than " + DEEPEST);
      }
      if (!followed.add(document.digest())) {
        return;
      }
      all.put(document.digest(), document);
      ImageManifest manifest = ImageManifest.read(blobs, document.digest());
      if (manifest instanceof ImageManifest.Single single) {
        member(blobs, document, single).ifPresent(members::add);
        single.references().forEach(each -> all.putIfAbsent(each.digest(), each));
        return;
      }
      for (Descriptor each : manifest.references()) {
        follow(each, depth + 1);
      }
    }
  }

  /** A label of an image, from its configuration. */
  public static Optional<String> label(BlobReader blobs, Digest manifest, String name)
      throws IOException {
    if (!(ImageManifest.read(blobs, manifest) instanceof ImageManifest.Single single)) {
      return Optional.empty();
    }
    Digest config = single.config().digest();
    JsonNode value =
        parse(config, blobs.read(config, MAX_BYTES)).path("config").path("Labels").path(name);
    return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
  }

  /** Nothing if it is an artifact, or an image for nothing that is known. */
  private static Optional<Member> member(
      BlobReader blobs, Descriptor manifest, ImageManifest.Single single) throws IOException {
    Digest config = single.config().digest();
    if (!CONFIGS.contains(single.config().mediaType())) {
      return Optional.empty();
    }
    JsonNode settings = parse(config, blobs.read(config, MAX_BYTES));
    Optional<Platform> platform = platform(settings);
    JsonNode diffIds = settings.path("rootfs").path("diff_ids");
    if (platform.isEmpty() || single.layers().size() != diffIds.size()) {
      return Optional.empty();
    }
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      layers.add(new Layer(single.layers().get(i), new DiffId(digest(config, diffIds.get(i)))));
    }
    return Optional.of(new Member(platform.get(), new Image(manifest, single.config(), layers)));
  }

  private static Optional<Platform> platform(JsonNode config) {
    try {
      return Optional.of(
              new Platform(
                  config.path("os").asText(),
                  config.path("architecture").asText(),
                  config.path("variant").asText()))
          .filter(platform -> !platform.os().equals("unknown"));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static JsonNode parse(Digest where, byte[] bytes) throws IOException {
    try {
      return Json.read(bytes);
    } catch (IllegalArgumentException e) {
      throw bad(where, String.valueOf(e.getMessage()));
    }
  }

  private static Digest digest(Digest where, JsonNode json) throws IOException {
    try {
      return Digest.parse(json.asText());
    } catch (IllegalArgumentException e) {
      throw bad(where, String.valueOf(e.getMessage()));
    }
  }

  private static StoreException bad(Digest where, String fault) {
    return new StoreException.Corrupt("image document " + where, fault);
  }
}
