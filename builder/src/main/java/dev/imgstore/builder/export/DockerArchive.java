package dev.imgstore.builder.export;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.imgstore.builder.pack.ArchiveWriter;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.pack.Json;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * What {@code docker load} reads: a manifest of docker's own, the configuration, and layers as
 * plain tars. The manifest's digest is lost on the way; the image keeps its configuration's digest,
 * which docker calls the image id. Each layer is decompressed twice, once for its size.
 */
public final class DockerArchive implements ArchiveExporter {
  private static final int BUFFER = 128 * 1024;
  private static final String NAME = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern REF =
      Pattern.compile(
          "(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?"
              + (NAME + "(?:/" + NAME + ")*")
              + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?");

  private final Optional<Platform> wanted;

  private DockerArchive(Optional<Platform> wanted) {
    this.wanted = wanted;
  }

  /** Exports the only image of a document, and refuses an index of several. */
  public static DockerArchive ofOnlyImage() {
    return new DockerArchive(Optional.empty());
  }

  /** Exports the image of this platform. */
  public static DockerArchive of(Platform platform) {
    return new DockerArchive(Optional.of(platform));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException also if the document has no image, or several, to choose from
   */
  @Override
  public Exported write(ImageDocument document, String ref, BlobReader blobs, OutputStream out)
      throws IOException {
    Image image = choose(document);
    String tag = tag(ref);
    SortedMap<Digest, Long> sizes = new TreeMap<>();
    for (Layer layer : image.layers()) {
      sizes.put(layer.diffId().digest(), plainSize(layer, blobs));
    }
    byte[] manifest = manifest(image, tag);
    byte[] config = blobs.read(image.config().digest(), ImageDocument.MAX_BYTES);
    ArchiveWriter tar = new ArchiveWriter(out);
    tar.file("manifest.json", manifest);
    tar.file(image.config().digest().hex() + ".json", config);
    long bytes = (long) manifest.length + config.length;
    for (Map.Entry<Digest, Layer> layer : byDiffId(image).entrySet()) {
      long size = sizes.getOrDefault(layer.getKey(), 0L);
      try (InputStream in = plain(layer.getValue(), blobs)) {
        tar.file(layer.getKey().hex() + ".tar", size, in);
      }
      bytes += size;
    }
    tar.end();
    return new Exported(image.config().digest(), bytes);
  }

  private Image choose(ImageDocument document) {
    if (wanted.isEmpty() && document.images().size() == 1) {
      return document.images().get(0).image();
    }
    String there =
        document.images().stream()
            .map(member -> member.platform().toString())
            .collect(Collectors.joining(", "));
    return document.images().stream()
        .filter(member -> wanted.isPresent() && member.platform().equals(wanted.get()))
        .map(ImageDocument.Member::image)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a docker archive holds one platform; choose one of " + there));
  }

  private static String tag(String ref) {
    if (ref.isEmpty()) {
      return ref;
    }
    if (!REF.matcher(ref).matches()) {
      throw new IllegalArgumentException(
          ref + " is no name that docker takes; use one such as web or team/web:42");
    }
    return ref.indexOf(':', ref.lastIndexOf('/') + 1) < 0 ? ref + ":latest" : ref;
  }

  private static SortedMap<Digest, Layer> byDiffId(Image image) {
    SortedMap<Digest, Layer> layers = new TreeMap<>();
    image.layers().forEach(layer -> layers.put(layer.diffId().digest(), layer));
    return layers;
  }

  private static byte[] manifest(Image image, String tag) {
    return Json.write(
        json -> {
          json.writeStartArray();
          json.writeStartObject();
          json.writeStringField("Config", image.config().digest().hex() + ".json");
          json.writeArrayFieldStart("RepoTags");
          if (!tag.isEmpty()) {
            json.writeString(tag);
          }
          json.writeEndArray();
          json.writeArrayFieldStart("Layers");
          for (Layer layer : image.layers()) {
            json.writeString(layer.diffId().digest().hex() + ".tar");
          }
          json.writeEndArray();
          json.writeEndObject();
          json.writeEndArray();
        });
  }

  /** The size of the plain tar, whose hash is checked on the way. */
  private static long plainSize(Layer layer, BlobReader blobs) throws IOException {
    MessageDigest hash = Digest.sha256();
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    try (InputStream in = plain(layer, blobs)) {
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        hash.update(buffer, 0, got);
        size += got;
      }
    }
    if (!Digest.fromRaw(hash.digest()).equals(layer.diffId().digest())) {
      throw new StoreException.Corrupt(
          "layer " + layer.blob().digest(), "it does not decompress to " + layer.diffId());
    }
    return size;
  }

  private static InputStream plain(Layer layer, BlobReader blobs) throws IOException {
    String type = layer.blob().mediaType();
    InputStream in = blobs.open(layer.blob().digest());
    try {
      if (type.endsWith("+zstd")) {
        return new ZstdInputStreamNoFinalizer(in);
      }
      return type.endsWith("gzip") ? new GZIPInputStream(in, BUFFER) : in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }
}
