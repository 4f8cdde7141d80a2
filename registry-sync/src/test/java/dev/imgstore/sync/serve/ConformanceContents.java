package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.bytes;
import static dev.imgstore.sync.serve.Shop.descriptor;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.model.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kinds of content that the suite of distribution-spec pushes, another one each time. */
final class ConformanceContents {
  static final byte[] EMPTY = "{}".getBytes(UTF_8);
  private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
  private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  private int seed;

  /** What is pushed together: blobs, then manifests in order, then tags. */
  final class Content {
    final List<byte[]> blobs = new ArrayList<>();
    final List<byte[]> manifests = new ArrayList<>();
    final Map<String, byte[]> tags = new LinkedHashMap<>();

    String blob(String type, byte[] bytes) {
      blobs.add(bytes);
      return descriptor(type, bytes);
    }

    String manifest(String type, byte[] bytes) {
      manifests.add(bytes);
      return descriptor(type, bytes);
    }

    String image(String more) {
      String config = blob(Shop.CONFIG, ("{\"os\":\"linux\",\"n\":" + seed + "}").getBytes(UTF_8));
      String layers = blob(GZIP, bytes(seed++, 700)) + "," + blob(GZIP, bytes(seed++, 900));
      return manifest(Shop.MANIFEST, Shop.manifest(config, layers, more));
    }

    String artifact(String type, String more) {
      String config = blob(EMPTY_TYPE, EMPTY);
      String layers = blob("application/octet-stream", bytes(seed++, 500));
      String fields = ",\"artifactType\":\"" + type + "\"" + more;
      return manifest(Shop.MANIFEST, Shop.manifest(config, layers, fields));
    }

    String index(String more, String... manifests) {
      String all = String.join(",", manifests);
      return manifest(
          Shop.INDEX,
          ("{\"schemaVersion\":2,\"mediaType\":\""
                  + Shop.INDEX
                  + "\",\"manifests\":["
                  + all
                  + "]"
                  + more
                  + "}")
              .getBytes(UTF_8));
    }

    Content tagged(String tag) {
      tags.put(tag, manifests.get(manifests.size() - 1));
      return this;
    }
  }

  private static String field(String name, String value) {
    return ",\"" + name + "\":" + value;
  }

  Map<String, Content> contents() {
    Map<String, Content> all = new LinkedHashMap<>();
    Content image = new Content();
    image.image("");
    all.put("an image", image.tagged("image"));
    Content large = new Content();
    StringBuilder annotations = new StringBuilder("{\"a\":\"\"");
    for (int i = 0; i < 390; i++) {
      annotations.append(",\"large-").append(i).append("\":\"").append("A".repeat(10_000));
      annotations.append('"');
    }
    large.image(field("annotations", annotations + "}"));
    all.put("a manifest of nearly 4 MiB", large.tagged("large"));
    Content index = new Content();
    index.index("", index.image(""), index.image(""));
    all.put("an index", index.tagged("index"));
    Content nested = new Content();
    String one = nested.index("", nested.image(""), nested.image(""));
    nested.index("", one, nested.index("", nested.image("")));
    all.put("an index of indexes", nested.tagged("index-of-index"));
    Content empty = new Content();
    empty.index("");
    all.put("an empty index", empty.tagged("index"));
    Content artifact = new Content();
    artifact.artifact("application/x-one", "");
    all.put("an artifact", artifact.tagged("artifact"));
    Content list = new Content();
    String first = list.artifact("application/x-one", "");
    list.index(
        field("artifactType", "\"application/x-one\""),
        first,
        list.artifact("application/x-one", ""));
    all.put("an index of artifacts", list.tagged("artifact-index"));
    Content bare = new Content();
    String nothing = bare.blob(EMPTY_TYPE, EMPTY);
    bare.manifest(
        Shop.MANIFEST,
        Shop.manifest(nothing, nothing, field("artifactType", "\"application/x-one\"")));
    all.put("an artifact of empty descriptors", bare.tagged("artifact-without-layers"));
    Content about = new Content();
    String subject = field("subject", about.image(""));
    about.tagged("image").image(subject);
    about.artifact("application/x-one", field("annotations", "{\"k\":\"v\"}") + subject);
    about.tagged("one").artifact("application/x-two", subject);
    all.put("artifacts with a subject", about.tagged("two"));
    Content aboutIndex = new Content();
    String indexed = field("subject", aboutIndex.index("", aboutIndex.image("")));
    aboutIndex
        .tagged("index")
        .index(field("artifactType", "\"application/x-one\"") + indexed, aboutIndex.image(""));
    all.put("an index with a subject", aboutIndex.tagged("about"));
    Content missing = new Content();
    String absent = descriptor(Shop.MANIFEST, Digest.of(bytes(99_999, 9)), 123);
    missing.artifact("application/x-one", field("subject", absent));
    all.put("an artifact whose subject is missing", missing.tagged("about"));
    Content data = new Content();
    byte[] small = bytes(seed++, 30);
    String inline = data.blob(GZIP, small).replace("}", field("data", base64(small)) + "}");
    String config = data.blob(Shop.CONFIG, EMPTY).replace("}", field("data", base64(EMPTY)) + "}");
    data.manifest(Shop.MANIFEST, Shop.manifest(config, inline, ""));
    all.put("descriptors with data", data.tagged("data"));
    Content elsewhere = new Content();
    String type = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    String far =
        descriptor(type, Digest.of(bytes(99_998, 9)), 12_345)
            .replace("}", field("urls", "[\"https://store.example.com/x\"]") + "}");
    elsewhere.manifest(
        Shop.MANIFEST,
        Shop.manifest(
            elsewhere.blob(Shop.CONFIG, EMPTY),
            far + "," + elsewhere.blob(GZIP, bytes(seed++, 400)),
            ""));
    all.put("layers that are elsewhere", elsewhere.tagged("elsewhere"));
    Content unknown = new Content();
    String extra = field("org.example.field", "{\"deep\":[1,2.50,null]}");
    unknown.index(extra, unknown.image(extra), unknown.image(extra));
    all.put("fields that nobody knows", unknown.tagged("unknown"));
    Content none = new Content();
    none.manifest(Shop.MANIFEST, Shop.manifest(none.blob(Shop.CONFIG, EMPTY), "", ""));
    all.put("an image without layers", none.tagged("none"));
    return all;
  }

  private static String base64(byte[] bytes) {
    return "\"" + java.util.Base64.getEncoder().encodeToString(bytes) + "\"";
  }
}
