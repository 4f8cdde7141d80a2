package dev.imgstore.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.JsonTree;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The manifests and indexes of what is pulled, checked before anything is stored: whoever follows
 * references later must be able to follow these. For one thread.
 */
final class PulledDocuments {
  /** So many manifests and indexes are taken at most, and so many blobs of all of them. */
  private static final int MOST_DOCUMENTS = 1000;

  private static final int MOST_BLOBS = 20_000;

  /** An index in an index, and so on. */
  private static final int DEEPEST = 8;

  private final Registry from;
  private final BlobReader held;

  /** A document comes after what it names. */
  private final Map<Digest, byte[]> documents = new LinkedHashMap<>();

  private final Map<Digest, Manifest> tops = new LinkedHashMap<>();
  private final Map<Digest, Blob> blobs = new LinkedHashMap<>();
  private final SortedMap<Digest, Platform> platforms = new TreeMap<>();

  /**
   * What a manifest names.
   *
   * @param isConfig whether one names it as its configuration
   */
  record Blob(Descriptor descriptor, boolean isConfig) {}

  /**
   * Of a registry.
   *
   * @param held asked first for what is named by digest
   */
  PulledDocuments(Registry from, BlobReader held) {
    this.from = from;
    this.held = held;
  }

  /** What a tag or digest stands for; kept with the others. */
  Manifest top(String reference) throws IOException {
    Manifest top =
        from.manifest(reference)
            .orElseThrow(
                () ->
                    new RegistryException(
                        RegistryException.Kind.UNKNOWN,
                        from.name() + " has no image " + reference + "; look for its tags there"));
    tops.put(top.digest(), top);
    return top;
  }

  /** Adds one after all that it names. */
  void keep(Manifest document) {
    documents.putIfAbsent(document.digest(), document.bytes());
  }

  /** The one of an index that is for a platform; the document itself if it is no index. */
  Descriptor choose(Manifest top, Platform platform) throws IOException {
    if (!(read(top.descriptor(), top.bytes()) instanceof ImageManifest.Index index)) {
      return top.descriptor();
    }
    List<ImageManifest.Index.Entry> near = new ArrayList<>();
    for (ImageManifest.Index.Entry each : index.manifests()) {
      Optional<Platform> of = each.runsOn();
      if (of.isPresent() && of.get().equals(platform)) {
        platforms.put(each.manifest().digest(), platform);
        return each.manifest();
      }
      if (of.isPresent() && isNear(of.get(), platform)) {
        near.add(each);
      }
    }
    if (near.isEmpty()) {
      throw new RegistryException(
          RegistryException.Kind.UNKNOWN,
          from.name()
              + " has no image for "
              + platform
              + ": it has "
              + index.manifests().stream()
                  .flatMap(each -> each.runsOn().stream())
                  .map(Platform::toString)
                  .collect(Collectors.joining(", ")));
    }
    Descriptor first = near.get(0).manifest();
    near.get(0).runsOn().ifPresent(on -> platforms.put(first.digest(), on));
    return first;
  }

  /** The same processor, where only one side says which variant of it. */
  private static boolean isNear(Platform one, Platform other) {
    return one.os().equals(other.os())
        && one.architecture().equals(other.architecture())
        && (one.variant().isEmpty() || other.variant().isEmpty());
  }

  /** Reads this one and all that it names. */
  void follow(Descriptor document) throws IOException {
    follow(document, 0);
  }

  private void follow(Descriptor document, int depth) throws IOException {
    if (documents.containsKey(document.digest())) {
      return;
    }
    if (depth > DEEPEST || documents.size() >= MOST_DOCUMENTS) {
      throw wrong(
          document.digest(),
          "it is one of more than "
              + MOST_DOCUMENTS
              + " manifests, or indexes are nested deeper than "
              + DEEPEST);
    }
    byte[] bytes = bytes(document);
    ImageManifest manifest = read(document, bytes);
    if (manifest instanceof ImageManifest.Index index) {
      for (ImageManifest.Index.Entry each : index.manifests()) {
        each.runsOn().ifPresent(on -> platforms.put(each.manifest().digest(), on));
        follow(each.manifest(), depth + 1);
      }
    } else if (manifest instanceof ImageManifest.Single single) {
      single(document, single);
    }
    documents.put(document.digest(), bytes);
  }

  private void single(Descriptor document, ImageManifest.Single single) throws IOException {
    blob(document, single.config(), true);
    for (Descriptor layer : single.layers()) {
      if (layer.mediaType().equals(ImageManifest.TREE)) {
        throw wrong(
            document.digest(),
            "its layer "
                + layer.digest()
                + " is said to be a directory of a store of imgstore, and such come by imgstore"
                + " copy only");
      }
      blob(document, layer, false);
    }
  }

  private void blob(Descriptor document, Descriptor blob, boolean isConfig) throws IOException {
    Blob before = blobs.putIfAbsent(blob.digest(), new Blob(blob, isConfig));
    if (before != null && before.descriptor().size() != blob.size()) {
      throw wrong(
          document.digest(),
          "the blob "
              + blob.digest()
              + " has two sizes, "
              + before.descriptor().size()
              + " and "
              + blob.size());
    }
    if (blobs.size() > MOST_BLOBS) {
      throw wrong(document.digest(), "it names more than " + MOST_BLOBS + " blobs");
    }
  }

  private byte[] bytes(Descriptor document) throws IOException {
    Manifest top = tops.get(document.digest());
    if (top != null) {
      return top.bytes();
    }
    if (document.size() > Manifest.MAX_BYTES) {
      throw wrong(
          document.digest(),
          "it has " + document.size() + " bytes, and manifests at most " + Manifest.MAX_BYTES);
    }
    byte[] bytes =
        held.has(document.digest())
            ? held.read(document.digest(), Manifest.MAX_BYTES)
            : from.manifest(document.digest().toString())
                .orElseThrow(
                    () ->
                        new RegistryException(
                            RegistryException.Kind.UNKNOWN,
                            from.name()
                                + " has not all of the image: the manifest "
                                + document.digest()
                                + " is not there; --platform takes one that is"))
                .bytes();
    if (bytes.length != document.size() || !Digest.of(bytes).equals(document.digest())) {
      throw wrong(document.digest(), "what came has other bytes");
    }
    return bytes;
  }

  /** A document that means one thing only, whoever reads it, and names only what can be had. */
  private ImageManifest read(Descriptor document, byte[] bytes) throws IOException {
    Digest digest = document.digest();
    ImageManifest manifest;
    try {
      JsonNode top = JsonTree.read(bytes);
      boolean both = top.has("manifests") && (top.has("layers") || top.has("config"));
      String says = top.path("mediaType").asText();
      if (both || (!says.isEmpty() && !says.equals(document.mediaType()))) {
        throw wrong(
            digest,
            both
                ? "it is a manifest and an index in one"
                : "it says " + says + " of itself, and others " + document.mediaType());
      }
      if (top.path("schemaVersion").asInt(2) != 2) {
        throw wrong(digest, "it is of an old form, which newer clients push again");
      }
      manifest = ImageManifest.parse(digest, bytes);
    } catch (JsonProcessingException | StoreException e) {
      throw new RegistryException(
          RegistryException.Kind.WRONG,
          from.name() + ": " + digest + " is no manifest and no index: " + e.getMessage(),
          e);
    }
    return manifest;
  }

  private RegistryException wrong(Digest document, String why) {
    return new RegistryException(
        RegistryException.Kind.WRONG,
        from.name() + ": the manifest " + document + " is refused: " + why);
  }

  /** What manifests are for, as indexes have it. */
  SortedMap<Digest, Platform> platforms() {
    return Collections.unmodifiableSortedMap(platforms);
  }

  /** Configurations and layers, each once. */
  Map<Digest, Blob> blobs() {
    return Collections.unmodifiableMap(blobs);
  }

  /** The documents as they came, each after all that it names. */
  Collection<byte[]> childrenFirst() {
    return List.copyOf(documents.values());
  }

  /** How many documents and blobs. */
  int count() {
    return documents.size() + blobs.size();
  }
}
