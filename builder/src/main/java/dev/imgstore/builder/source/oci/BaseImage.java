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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Locks and fetches inputs by {@code oci} and {@code image}, and makes their trees. */
public final class BaseImage {
  /** The name of a locked file that stands for the whole image. */
  private static final String IMAGE = "image";

  private static final String MANIFEST = "manifest";

  private BaseImage() {}

  /**
   * Pins the image's documents and layers for these platforms, every one checked by its hash.
   *
   * @param digest of its manifest or index
   * @throws IOException if a blob is missing, is not what its name says, or no platform fits
   */
  public static List<Lock.Fetched> lock(
      String input,
      InputSource source,
      Digest digest,
      List<Platform> platforms,
      ImageBlobs from,
      FrameStore store)
      throws IOException {
    Locking locking = new Locking(input, SourceSection.mark(source), from, store);
    ImageFiles documents = new ImageFiles("the input " + input, store);
    locking.take(IMAGE, digest, -1);
    for (Platform platform : platforms) {
      ImageFiles.Part manifest = chosen(input, documents, digest, platform);
      locking.take(MANIFEST, manifest.digest(), manifest.size());
      ImageFiles.Manifest parts = documents.manifest(manifest.digest());
      locking.take("config", parts.config().digest(), parts.config().size());
      for (ImageFiles.Part layer : parts.layers()) {
        locking.take("layer", layer.digest(), layer.size());
      }
    }
    return locking.files.values().stream().sorted().toList();
  }

  /** The manifest or index that was locked for an input. */
  public static Digest locked(String input, List<Lock.Fetched> files) throws IOException {
    return files.stream()
        .filter(file -> file.name().equals(IMAGE))
        .map(Lock.Fetched::sha256)
        .findFirst()
        .orElseThrow(() -> new IOException("the lock has no image for the input " + input));
  }

  private static ImageFiles.Part chosen(
      String input, ImageFiles documents, Digest image, Platform platform) throws IOException {
    return documents
        .manifest(image, platform)
        .orElseThrow(
            () ->
                new IOException("the input " + input + ": the image has nothing for " + platform));
  }

  /** One input that is locked. */
  private static final class Locking {
    private final String input;
    private final String mark;
    private final ImageBlobs from;
    private final FrameStore store;
    private final Map<Digest, Lock.Fetched> files = new LinkedHashMap<>();

    Locking(String input, String mark, ImageBlobs from, FrameStore store) {
      this.input = input;
      this.mark = mark;
      this.from = from;
      this.store = store;
    }

    void take(String name, Digest digest, long size) throws IOException {
      if (files.containsKey(digest)) {
        return;
      }
      if (!store.has(digest)) {
        put(input, name, digest, size, from, store);
      }
      long is = store.size(digest);
      if (size >= 0 && is != size) {
        throw new IOException(
            "the input " + input + ": " + digest + " has " + is + " bytes instead of " + size);
      }
      String path = "blobs/sha256/" + digest.hex();
      files.put(
          digest, new Lock.Fetched(input, mark, "oci", name, "", digest, is, path, "requested"));
    }
  }

  /** Puts one locked blob into the store. */
  public static void fetch(Lock.Fetched file, ImageBlobs from, FrameStore store)
      throws IOException {
    put(file.input(), file.name(), file.sha256(), file.size(), from, store);
  }

  private static void put(
      String input, String name, Digest digest, long size, ImageBlobs from, FrameStore store)
      throws IOException {
    boolean document = name.equals(IMAGE) || name.equals(MANIFEST);
    try (InputStream bytes = document ? from.document(digest) : from.layer(digest, size)) {
      Digest got = store.putVerbatim(bytes);
      if (!got.equals(digest)) {
        throw new IOException("the input " + input + ": what is called " + digest + " is " + got);
      }
    }
  }

  /**
   * The tree of the image on one platform; all its blobs are in the store.
   *
   * @param image its manifest or index
   */
  public static TreeId make(String input, Digest image, Platform platform, BlobStore blobs)
      throws IOException {
    ImageFiles documents = new ImageFiles("the input " + input, blobs);
    Digest manifest = chosen(input, documents, image, platform).digest();
    return unpack("the input " + input, manifest, blobs);
  }

  /**
   * The tree of one platform's image, whose blobs are in the store.
   *
   * @param image what it is, for people
   * @param manifest not that of an index
   */
  public static TreeId unpack(String image, Digest manifest, BlobStore blobs) throws IOException {
    LayerReader reader = new LayerReader(blobs);
    return unpack(image, parts(image, manifest, blobs), blobs, reader::read);
  }

  /** The layers of an image and what their tars must be, as its documents have it. */
  static List<Stacked> parts(String image, Digest manifest, BlobStore blobs) throws IOException {
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
    List<Stacked> stacked = new ArrayList<>();
    for (int i = 0; i < tars.size(); i++) {
      stacked.add(new Stacked(parts.layers().get(i).digest(), tars.get(i)));
    }
    return stacked;
  }

  /**
   * A layer in its place.
   *
   * @param tar what it is without its compression
   */
  record Stacked(Digest blob, Digest tar) {}

  /** Gives what is in a layer. */
  interface Reading {
    LayerReader.Contents read(String name, Digest layer) throws IOException;
  }

  /** Layers upon each other, the lowest first, each asked for when it is due. */
  static TreeId unpack(String image, List<Stacked> stacked, BlobStore blobs, Reading reading)
      throws IOException {
    Layers layers = new Layers(image, blobs);
    for (Stacked each : stacked) {
      layers.add(reading.read(layers.name(), each.blob()), each.tar());
    }
    return layers.write();
  }
}
