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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A manifest or an index read back from the store. Fields this room does not know are passed over;
 * the bytes themselves stay as they are in the store.
 *
 * @param root the manifest or index
 * @param images one, or those of the index in its order
 */
public record ImageDocument(Descriptor root, List<Member> images) {
  /** Most bytes of a manifest, index or configuration that are read (as registries do). */
  public static final int MAX_BYTES = ImageManifest.MAX_SIZE;

  /** An image and the platform its configuration names. */
  public record Member(Platform platform, Image image) {}

  /** Copies in. */
  public ImageDocument {
    Objects.requireNonNull(root);
    images = List.copyOf(images);
  }

  /** True if the root is an index. */
  public boolean isIndex() {
    return root.mediaType().equals(MediaTypes.INDEX);
  }

  /** Every blob the root reaches, itself among them, each once, in order of digests. */
  public List<Descriptor> blobs() {
    SortedMap<Digest, Descriptor> all = new TreeMap<>();
    all.put(root.digest(), root);
    for (Member member : images) {
      all.put(member.image().manifest().digest(), member.image().manifest());
      all.put(member.image().config().digest(), member.image().config());
      member.image().layers().forEach(layer -> all.put(layer.blob().digest(), layer.blob()));
    }
    return List.copyOf(all.values());
  }

  /**
   * Reads a manifest or index and what it names.
   *
   * @throws StoreException.MissingBlob if a document is not held
   * @throws StoreException.Corrupt if one is not what it should be
   */
  public static ImageDocument read(BlobReader blobs, Digest root) throws IOException {
    long size = blobs.size(root);
    if (ImageManifest.read(blobs, root) instanceof ImageManifest.Index index) {
      List<Member> members = new ArrayList<>();
      for (ImageManifest.Index.Entry entry : index.manifests()) {
        members.add(member(blobs, entry.manifest()));
      }
      return new ImageDocument(new Descriptor(MediaTypes.INDEX, root, size), members);
    }
    Descriptor manifest = new Descriptor(MediaTypes.MANIFEST, root, size);
    return new ImageDocument(manifest, List.of(member(blobs, manifest)));
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

  private static Member member(BlobReader blobs, Descriptor manifest) throws IOException {
    if (!(ImageManifest.read(blobs, manifest.digest()) instanceof ImageManifest.Single single)) {
      throw bad(manifest.digest(), "it is an index inside an index");
    }
    Digest config = single.config().digest();
    JsonNode settings = parse(config, blobs.read(config, MAX_BYTES));
    JsonNode diffIds = settings.path("rootfs").path("diff_ids");
    if (single.layers().size() != diffIds.size()) {
      throw bad(manifest.digest(), "it names other layers than its configuration");
    }
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      layers.add(new Layer(single.layers().get(i), new DiffId(digest(config, diffIds.get(i)))));
    }
    return new Member(platform(config, settings), new Image(manifest, single.config(), layers));
  }

  private static Platform platform(Digest where, JsonNode config) throws IOException {
    try {
      return new Platform(
          config.path("os").asText(),
          config.path("architecture").asText(),
          config.path("variant").asText());
    } catch (IllegalArgumentException e) {
      throw bad(where, String.valueOf(e.getMessage()));
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
