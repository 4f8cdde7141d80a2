package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.DiffId;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Layer;
import dev.imgstore.model.Platform;
import dev.imgstore.store.StoreException;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ImageAssemblerTest {
  private static final Instant CREATED = Instant.parse("2026-11-20T10:11:12.987Z");
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private LayerRecord layer(String name) throws IOException {
    Digest digest = blobs.put(name.getBytes(StandardCharsets.UTF_8));
    return new LayerRecord(
        name,
        new Layer(
            new Descriptor(MediaTypes.LAYER_ZSTD, digest, name.length()),
            new DiffId(Digest.of(new byte[] {1}))));
  }

  private ImageAssembler.Request request(String platform) throws IOException {
    return new ImageAssembler.Request(
        Platform.parse(platform),
        Samples.run(),
        CREATED,
        List.of(layer("base"), layer("state")),
        "web",
        new TreeMap<>(Map.of("org.example.b", "\u00fc")));
  }

  private String text(Descriptor blob) throws IOException {
    return new String(blobs.read(blob.digest(), 1 << 20), StandardCharsets.UTF_8);
  }

  @Test
  void theConfigurationIsPinned() throws IOException {
    Image image = ImageAssembler.assemble(request("linux/arm/v7"), blobs);
    String layer = "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    assertEquals(
        """
        {"created":"2026-11-20T10:11:12Z","architecture":"arm","os":"linux","variant":"v7",\
        "config":{"User":"www-data","ExposedPorts":{"443/tcp":{},"80/tcp":{}},\
        "Env":["LANG=C.UTF-8","PATH=/usr/bin:/bin"],"Entrypoint":["/usr/sbin/nginx"],\
        "Cmd":["-g","daemon off;"],"Volumes":{"/var/cache":{}},"WorkingDir":"/srv",\
        "Labels":{"a":"1","b":"\u00e9\u2028\\"\\\\"},"StopSignal":"SIGQUIT",\
        "Healthcheck":{"Test":["CMD","true"],"Interval":1000000000,"Timeout":2,"Retries":3}},\
        "rootfs":{"type":"layers","diff_ids":["LAYER","LAYER"]},\
        "history":[{"created":"2026-11-20T10:11:12Z","created_by":"imgstore","comment":"base"},\
        {"created":"2026-11-20T10:11:12Z","created_by":"imgstore","comment":"state"}]}"""
            .replace("LAYER", layer),
        text(image.config()));
  }

  @Test
  void theManifestIsPinned() throws IOException {
    Image image = ImageAssembler.assemble(request("linux/amd64"), blobs);
    assertEquals(
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
        "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},\
        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"%s","size":4},\
        {"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"%s","size":5}],\
        "annotations":{"org.example.b":"\u00fc",\
        "org.opencontainers.image.created":"2026-11-20T10:11:12Z",\
        "org.opencontainers.image.title":"web"}}"""
            .formatted(
                image.config().digest(),
                image.config().size(),
                layer("base").layer().blob().digest(),
                layer("state").layer().blob().digest()),
        text(image.manifest()));
    assertEquals(image.manifest().size(), blobs.size(image.manifest().digest()));
  }

  @Test
  void emptySettingsAreLeftOut() throws IOException {
    Image image =
        ImageAssembler.assemble(
            new ImageAssembler.Request(
                Platform.parse("linux/amd64"),
                Samples.plainRun(),
                CREATED,
                List.of(layer("base")),
                "web",
                new TreeMap<>()),
            blobs);
    assertTrue(text(image.config()).contains("\"os\":\"linux\",\"config\":{},\"rootfs\""));
  }

  @Test
  void whatWasAssembledIsReadBack() throws IOException {
    SortedMap<Platform, Image> images = new TreeMap<>();
    for (String platform : List.of("linux/arm64/v8", "linux/amd64")) {
      images.put(Platform.parse(platform), ImageAssembler.assemble(request(platform), blobs));
    }
    Image amd64 = images.values().iterator().next();
    ImageDocument single = ImageDocument.read(blobs, amd64.manifest().digest());
    assertFalse(single.isIndex());
    assertEquals(
        List.of(new ImageDocument.Member(Platform.parse("linux/amd64"), amd64)), single.images());
    Descriptor index = ImageAssembler.index(images, CREATED, "web", new TreeMap<>(), blobs);
    ImageDocument several = ImageDocument.read(blobs, index.digest());
    assertTrue(several.isIndex());
    assertEquals(index, several.root());
    assertEquals(
        List.copyOf(images.values()),
        several.images().stream().map(ImageDocument.Member::image).toList());
    assertEquals(1 + 2 * 2 + 2, several.blobs().size());
    assertTrue(
        text(index)
            .contains(
                "\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\"}"));
  }

  @Test
  void aDocumentThatIsNoneIsCorrupt() throws IOException {
    for (String text :
        List.of(
            "{}",
            "[]",
            "x",
            "{\"config\":{},\"layers\":[]}",
            "{\"config\":{\"mediaType\":\"a\",\"digest\":\"b\",\"size\":1},\"layers\":[]}")) {
      Digest digest = blobs.put(text.getBytes(StandardCharsets.UTF_8));
      assertThrows(StoreException.Corrupt.class, () -> ImageDocument.read(blobs, digest), text);
    }
  }

  @Test
  void whatIsNoImageOfAnIndexIsReachedAndNoMember() throws IOException {
    Image image = ImageAssembler.assemble(request("linux/amd64"), blobs);
    String empty = descriptor("application/vnd.oci.empty.v1+json", "{}");
    String artifact =
        descriptor(
            MediaTypes.MANIFEST,
            "{\"artifactType\":\"a/b\",\"config\":" + empty + ",\"layers\":[" + empty + "]}");
    String inner = descriptor(MediaTypes.INDEX, "{\"manifests\":[" + artifact + "]}");
    String text =
        "{\"manifests\":["
            + inner
            + ",{\"mediaType\":\""
            + MediaTypes.MANIFEST
            + "\",\"digest\":\""
            + image.manifest().digest()
            + "\",\"size\":"
            + image.manifest().size()
            + "}]}";
    ImageDocument read =
        ImageDocument.read(blobs, blobs.put(text.getBytes(StandardCharsets.UTF_8)));
    assertEquals(List.of(image), read.images().stream().map(ImageDocument.Member::image).toList());
    assertEquals(1 + 2 + 1 + 2 + image.layers().size(), read.blobs().size());
  }

  private String descriptor(String type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + blobs.put(bytes)
        + "\",\"size\":"
        + bytes.length
        + "}";
  }
}
