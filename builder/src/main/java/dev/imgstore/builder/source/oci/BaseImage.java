package dev.imgstore.builder.source.oci;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Locks and fetches inputs by {@code oci}, and makes their trees. */
public final class BaseImage {
  private BaseImage() {}

  /**
   * Pins the image's documents and layers for these platforms, every one checked by its hash.
   *
   * @throws IOException if a blob is missing, is not what its name says, or no platform fits
   */
  public static List<Lock.Fetched> lock(
      String input,
      InputSource.Oci source,
      List<Platform> platforms,
      ImageBlobs from,
      FrameStore store)
      throws IOException {
    Map<Digest, Lock.Fetched> files = new LinkedHashMap<>();
    ImageFiles documents = new ImageFiles("the input " + input, store);
    take(input, source, "image", source.digest(), -1, from, store, files);
    for (Platform platform : platforms) {
      ImageFiles.Part manifest =
          documents
              .manifest(source.digest(), platform)
              .orElseThrow(
                  () ->
                      new IOException(
                          "the input " + input + ": the image has nothing for " + platform));
      take(input, source, "manifest", manifest.digest(), manifest.size(), from, store, files);
      ImageFiles.Manifest parts = documents.manifest(manifest.digest());
      ImageFiles.Part config = parts.config();
      take(input, source, "config", config.digest(), config.size(), from, store, files);
      for (ImageFiles.Part layer : parts.layers()) {
        take(input, source, "layer", layer.digest(), layer.size(), from, store, files);
      }
    }
    return files.values().stream().sorted().toList();
  }

  private static void take(
      String input,
      InputSource.Oci source,
      String name,
      Digest digest,
      long size,
      ImageBlobs from,
      FrameStore store,
      Map<Digest, Lock.Fetched> files)
      throws IOException {
    if (files.containsKey(digest)) {
      return;
    }
    if (!store.has(digest)) {
      put(input, digest, from, store);
    }
    long is = store.size(digest);
    if (size >= 0 && is != size) {
      throw new IOException(
          "the input " + input + ": " + digest + " has " + is + " bytes instead of " + size);
    }
    files.put(
        digest,
        new Lock.Fetched(
            input,
            SourceSection.mark(source),
            "oci",
            name,
            "",
            digest,
            is,
            "blobs/sha256/" + digest.hex(),
            "requested"));
  }

  /** Puts one locked blob into the store. */
  public static void fetch(Lock.Fetched file, ImageBlobs from, FrameStore store)
      throws IOException {
    put(file.input(), file.sha256(), from, store);
  }

  private static void put(String input, Digest digest, ImageBlobs from, FrameStore store)
      throws IOException {
    try (InputStream bytes = from.open(digest)) {
      Digest got = store.putVerbatim(bytes);
      if (!got.equals(digest)) {
        throw new IOException("the input " + input + ": what is called " + digest + " is " + got);
      }
    }
  }

  /** The tree of the image on one platform; all its blobs are in the store. */
  public static TreeId make(
      String input, InputSource.Oci source, Platform platform, BlobStore blobs) throws IOException {
    ImageFiles documents = new ImageFiles("the input " + input, blobs);
    ImageFiles.Part chosen =
        documents
            .manifest(source.digest(), platform)
            .orElseThrow(
                () ->
                    new IOException(
                        "the input " + input + ": the image has nothing for " + platform));
    return unpack("the input " + input, chosen.digest(), blobs);
  }

  /**
   * The tree of one platform's image, whose blobs are in the store.
   *
   * @param image what it is, for people
   * @param manifest not that of an index
   */
  public static TreeId unpack(String image, Digest manifest, BlobStore blobs) throws IOException {
    ImageFiles documents = new ImageFiles(image, blobs);
    ImageFiles.Manifest parts = documents.manifest(manifest);
    List<Digest> tars = documents.tars(parts.config().digest());
    if (tars.size() != parts.layers().size()) {
      throw new IOException(
          image
              + ": its config names "
              + tars.size()
              + " layers, its manifest "
              + parts.layers().size());
    }
    Layers layers = new Layers(image, blobs);
    for (int i = 0; i < tars.size(); i++) {
      layers.add(parts.layers().get(i).digest(), tars.get(i));
    }
    return layers.write();
  }
}
