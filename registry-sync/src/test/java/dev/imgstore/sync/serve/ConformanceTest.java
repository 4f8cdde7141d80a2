package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.bytes;
import static dev.imgstore.sync.serve.Shop.descriptor;
import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.json;
import static dev.imgstore.sync.serve.Shop.location;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * distribution-spec 1.1 in its four categories, as raw requests of a client that knows nothing of
 * imgstore: each kind of content goes all the way from its push to its deletion, and each way to
 * upload is gone with right and with wrong bytes.
 */
final class ConformanceTest {
  private static final byte[] NOTHING = {};
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);
  private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
  private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String NONE = Shop.MANIFEST + "," + Shop.INDEX;

  @TempDir Path home;
  private Shop shop;
  private int seed;

  @BeforeEach
  void open() throws IOException {
    shop = Shop.writable(home.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    assertTrue(shop.store.check().findings().isEmpty());
    shop.close();
  }

  /** What is pushed together: blobs, then manifests in order, then tags. */
  private final class Content {
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

  private Map<String, Content> contents() {
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

  @TestFactory
  Stream<DynamicTest> eachKindOfContentGoesAllTheWay() {
    return contents().entrySet().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> goesAllTheWay(each.getValue())));
  }

  private void goesAllTheWay(Content content) throws IOException, InterruptedException {
    for (byte[] blob : content.blobs) {
      uploaded(blob, seed++ % 5);
    }
    for (byte[] manifest : content.manifests) {
      pushed(Digest.of(manifest).toString(), manifest);
    }
    for (Map.Entry<String, byte[]> tag : content.tags.entrySet()) {
      pushed(tag.getKey(), tag.getValue());
    }
    listed(content);
    for (Map.Entry<String, byte[]> tag : content.tags.entrySet()) {
      isGiven(tag.getKey(), tag.getValue());
    }
    for (byte[] manifest : content.manifests) {
      isGiven(Digest.of(manifest).toString(), manifest);
      referred(content, manifest);
    }
    for (byte[] blob : content.blobs) {
      isGiven(blob);
    }
    for (String tag : content.tags.keySet()) {
      deleted("/v2/team/web/manifests/" + tag, 202);
    }
    for (byte[] manifest : content.manifests) {
      isGiven(Digest.of(manifest).toString(), manifest); // a tag less, and no image
    }
    Collections.reverse(content.manifests);
    for (byte[] manifest : content.manifests) {
      deleted("/v2/team/web/manifests/" + Digest.of(manifest), 202, 404);
    }
    for (byte[] blob : content.blobs) {
      deleted("/v2/team/web/blobs/" + Digest.of(blob), 202, 404);
    }
  }

  private HttpResponse<byte[]> begin() throws IOException, InterruptedException {
    HttpResponse<byte[]> begun = shop.send("POST", "/v2/team/web/blobs/uploads/", NOTHING);
    assertEquals(202, begun.statusCode());
    return begun;
  }

  private void uploaded(byte[] blob, int way) throws IOException, InterruptedException {
    HttpResponse<byte[]> end = upload(blob, Digest.of(blob).toString(), way);
    assertEquals(201, end.statusCode(), () -> new String(end.body(), UTF_8));
    assertEquals(Digest.of(blob).toString(), header(end, "Docker-Content-Digest"));
    assertArrayEquals(blob, shop.get(location(end)).body());
  }

  /** The ways of the specification, and in parts that come in a wrong order first. */
  private HttpResponse<byte[]> upload(byte[] blob, String digest, int way)
      throws IOException, InterruptedException {
    return switch (way) {
      case 0 -> shop.send("POST", "/v2/team/web/blobs/uploads/?digest=" + digest, blob);
      case 1 -> shop.send("PUT", location(begin()) + "?digest=" + digest, blob);
      case 2 -> {
        HttpResponse<byte[]> part = shop.stream("PATCH", location(begin()), blob);
        assertEquals(202, part.statusCode());
        yield shop.send("PUT", location(part) + "?digest=" + digest, NOTHING);
      }
      case 3 -> inParts(blob, digest, false);
      default -> inParts(blob, digest, true);
    };
  }

  private HttpResponse<byte[]> inParts(byte[] blob, String digest, boolean isLastInPut)
      throws IOException, InterruptedException {
    String at = location(begin());
    int step = blob.length / 3 + 1;
    int from = 0;
    while (from < blob.length) {
      int to = Math.min(from + step, blob.length);
      int wrong = to < blob.length ? to : 0; // the part after the next, or the first again
      if (wrong != from) {
        String method = isLastInPut ? "PUT" : "PATCH";
        byte[] early = Arrays.copyOfRange(blob, wrong, Math.min(wrong + step, blob.length));
        HttpResponse<byte[]> refused =
            shop.send(
                method,
                at + (isLastInPut ? "?digest=" + digest : ""),
                early,
                "Content-Range",
                wrong + "-" + (wrong + early.length - 1));
        assertEquals(416, refused.statusCode());
        HttpResponse<byte[]> status = shop.get(location(refused));
        assertEquals(204, status.statusCode());
        assertEquals("0-" + Math.max(0, from - 1), header(status, "Range"));
        at = location(status);
      }
      byte[] part = Arrays.copyOfRange(blob, from, to);
      String range = from + "-" + (to - 1);
      if (isLastInPut && to == blob.length) {
        return shop.send("PUT", at + "?digest=" + digest, part, "Content-Range", range);
      }
      HttpResponse<byte[]> taken = shop.send("PATCH", at, part, "Content-Range", range);
      assertEquals(202, taken.statusCode());
      at = location(taken);
      from = to;
    }
    return shop.send("PUT", at + "?digest=" + digest, NOTHING);
  }

  private static String type(byte[] manifest) {
    String text = new String(manifest, 0, Math.min(200, manifest.length), UTF_8);
    return text.contains(Shop.INDEX) ? Shop.INDEX : Shop.MANIFEST;
  }

  private void pushed(String reference, byte[] manifest) throws IOException, InterruptedException {
    HttpResponse<byte[]> got =
        shop.send(
            "PUT", "/v2/team/web/manifests/" + reference, manifest, "Content-Type", type(manifest));
    assertEquals(201, got.statusCode(), () -> new String(got.body(), UTF_8));
    assertEquals(Digest.of(manifest).toString(), header(got, "Docker-Content-Digest"));
    assertEquals(subject(manifest), header(got, "OCI-Subject"));
    HttpResponse<byte[]> there = shop.get(location(got), "Accept", NONE);
    assertArrayEquals(manifest, there.body());
    assertEquals(type(manifest), header(there, "Content-Type"));
  }

  private static String subject(byte[] manifest) throws IOException {
    return dev.imgstore.store.JsonTree.read(manifest).path("subject").path("digest").asText();
  }

  private void isGiven(String reference, byte[] manifest) throws IOException, InterruptedException {
    String path = "/v2/team/web/manifests/" + reference;
    HttpResponse<byte[]> got = shop.get(path, "Accept", NONE);
    assertArrayEquals(manifest, got.body());
    HttpResponse<byte[]> head = shop.head(path);
    assertEquals(0, head.body().length);
    for (HttpResponse<byte[]> each : List.of(got, head)) {
      assertEquals(200, each.statusCode());
      assertEquals(type(manifest), header(each, "Content-Type"));
      assertEquals(Integer.toString(manifest.length), header(each, "Content-Length"));
      assertEquals(Digest.of(manifest).toString(), header(each, "Docker-Content-Digest"));
    }
  }

  private void isGiven(byte[] blob) throws IOException, InterruptedException {
    String path = "/v2/team/web/blobs/" + Digest.of(blob);
    HttpResponse<byte[]> got = shop.get(path);
    assertArrayEquals(blob, got.body());
    HttpResponse<byte[]> head = shop.head(path);
    for (HttpResponse<byte[]> each : List.of(got, head)) {
      assertEquals(200, each.statusCode());
      assertEquals(Integer.toString(blob.length), header(each, "Content-Length"));
      assertEquals(Digest.of(blob).toString(), header(each, "Docker-Content-Digest"));
    }
  }

  private List<String> tags(String query) throws IOException, InterruptedException {
    List<String> tags = new ArrayList<>();
    for (JsonNode each : json(shop.get("/v2/team/web/tags/list" + query)).path("tags")) {
      tags.add(each.asText());
    }
    return tags;
  }

  private void listed(Content content) throws IOException, InterruptedException {
    List<String> all = tags("");
    assertTrue(all.containsAll(content.tags.keySet()));
    assertEquals(all.stream().sorted().toList(), all);
    for (int i = 0; i < all.size(); i++) {
      assertEquals(all.subList(i + 1, all.size()), tags("?last=" + all.get(i)));
    }
  }

  private void referred(Content content, byte[] subject) throws IOException, InterruptedException {
    for (byte[] each : content.manifests) {
      if (!subject(each).equals(Digest.of(subject).toString())) {
        return;
      }
      JsonNode made = dev.imgstore.store.JsonTree.read(each);
      String type =
          made.path("artifactType").asText(made.path("config").path("mediaType").asText());
      String path = "/v2/team/web/referrers/" + Digest.of(subject);
      for (String query : List.of("", "?artifactType=" + type.replace("+", "%2B"))) {
        HttpResponse<byte[]> got = shop.get(path + query);
        assertEquals(200, got.statusCode());
        assertEquals(Shop.INDEX, header(got, "Content-Type"));
        assertEquals(query.isEmpty() ? "" : "artifactType", header(got, "OCI-Filters-Applied"));
        JsonNode entry = entry(json(got), Digest.of(each).toString());
        assertEquals(type, entry.path("artifactType").asText());
        assertEquals(each.length, entry.path("size").asInt());
        assertEquals(made.path("annotations"), entry.path("annotations"));
      }
      JsonNode others = json(shop.get(path + "?artifactType=application/x-none"));
      assertEquals(0, others.path("manifests").size());
    }
  }

  private static JsonNode entry(JsonNode index, String digest) {
    for (JsonNode each : index.path("manifests")) {
      if (each.path("digest").asText().equals(digest)) {
        return each;
      }
    }
    throw new AssertionError(digest + " is not in " + index);
  }

  private void deleted(String path, Integer... statuses) throws IOException, InterruptedException {
    int status = shop.send("DELETE", path, NOTHING).statusCode();
    assertTrue(List.of(statuses).contains(status), path + " " + status);
    assertEquals(404, shop.head(path).statusCode(), path);
  }

  @Test
  void anEmptyRegistryAnswers() throws IOException, InterruptedException {
    assertEquals(200, shop.get("/v2/").statusCode());
    assertEquals(404, shop.get("/v2/team/web/tags/list").statusCode());
    String digest = Digest.of(NOTHING).toString();
    HttpResponse<byte[]> referrers = shop.get("/v2/team/web/referrers/" + digest);
    assertEquals(200, referrers.statusCode());
    assertEquals(2, json(referrers).path("schemaVersion").asInt());
    assertEquals(404, shop.get("/v2/team/web/manifests/" + digest).statusCode());
    assertEquals(404, shop.get("/v2/team/web/manifests/missing").statusCode());
    assertEquals(404, shop.get("/v2/team/web/blobs/" + digest).statusCode());
    assertEquals(400, shop.get("/v2/team/web/manifests/sha256:bad").statusCode());
  }

  @Test
  void everyWayOfUploadingTakesRightBytesAndNoWrongOnes() throws Exception {
    for (int way = 0; way < 5; way++) {
      for (byte[] blob : List.of(bytes(way, 512), bytes(way + 50, 3067), EMPTY, NOTHING)) {
        uploaded(blob, way);
        isGiven(blob);
        deleted("/v2/team/web/blobs/" + Digest.of(blob), 202);
      }
      byte[] wrong = bytes(way + 100, 3072);
      assertEquals(400, upload(wrong, Digest.of(EMPTY).toString(), way).statusCode());
      assertEquals(
          404, shop.head("/v2/team/web/blobs/" + Digest.of(EMPTY)).statusCode(), "way " + way);
    }
  }

  @Test
  void aMountIsDoneFromWhereItIsSaidOrFromAnywhere() throws IOException, InterruptedException {
    byte[] blob = bytes(1, 512);
    String digest = Digest.of(blob).toString();
    String mount = "/v2/team/web/blobs/uploads/?mount=" + digest;
    assertEquals(202, shop.send("POST", mount + "&from=other/one", NOTHING).statusCode());
    assertEquals(202, shop.send("POST", mount, NOTHING).statusCode());
    shop.upload("other/one", blob);
    for (String from : List.of("&from=other/one", "")) {
      HttpResponse<byte[]> mounted = shop.send("POST", mount + from, NOTHING);
      assertEquals(201, mounted.statusCode(), from);
      assertArrayEquals(blob, shop.get(location(mounted)).body());
      deleted("/v2/team/web/blobs/" + digest, 202);
    }
    byte[] image = shop.image("there");
    String layer = json(shop.get("/v2/there/manifests/1")).at("/layers/0/digest").asText();
    String path = "/v2/team/web/blobs/uploads/?mount=" + layer;
    assertEquals(201, shop.send("POST", path, NOTHING).statusCode());
    assertNotEquals(0, image.length);
    String record =
        shop.store.profiles().open("there").orElseThrow().generations().get(0).record().toString();
    String secret = "/v2/team/web/blobs/uploads/?mount=" + record;
    assertEquals(202, shop.send("POST", secret, NOTHING).statusCode());
  }

  @Test
  void rangesAreGivenOrRefused() throws IOException, InterruptedException {
    byte[] blob = bytes(1, 2048);
    shop.upload("team/web", blob);
    String path = "/v2/team/web/blobs/" + Digest.of(blob);
    Map<String, int[]> right =
        Map.of(
            "500-1499", new int[] {500, 1500},
            "500-", new int[] {500, 2048},
            "-500", new int[] {1548, 2048},
            "2000-5000", new int[] {2000, 2048});
    for (Map.Entry<String, int[]> each : right.entrySet()) {
      HttpResponse<byte[]> got = shop.get(path, "Range", "bytes=" + each.getKey());
      int[] range = each.getValue();
      assertEquals(206, got.statusCode(), each.getKey());
      assertArrayEquals(Arrays.copyOfRange(blob, range[0], range[1]), got.body());
      assertEquals(
          "bytes " + range[0] + "-" + (range[1] - 1) + "/2048", header(got, "Content-Range"));
    }
    for (String wrong : List.of("500-0", "5000-10000")) {
      assertEquals(416, shop.get(path, "Range", "bytes=" + wrong).statusCode(), wrong);
    }
  }

  @Test
  void anUploadIsCancelled() throws IOException, InterruptedException {
    String at = location(begin());
    assertEquals(
        204, shop.send(shop.request(at).method("DELETE", BodyPublishers.noBody())).statusCode());
    assertEquals(404, shop.get(at).statusCode());
  }

  @Test
  void aManifestThatIsNotItsDigestIsRefused() throws IOException, InterruptedException {
    Content content = new Content();
    content.image("");
    for (byte[] blob : content.blobs) {
      uploaded(blob, 1);
    }
    byte[] manifest = content.manifests.get(0);
    byte[] more = Arrays.copyOf(manifest, manifest.length + 2);
    Arrays.fill(more, manifest.length, more.length, (byte) ' ');
    for (String reference : List.of(Digest.of(manifest).toString(), "sha256:baddigeststring")) {
      String path = "/v2/team/web/manifests/" + reference;
      assertEquals(
          400, shop.send("PUT", path, more, "Content-Type", Shop.MANIFEST).statusCode(), reference);
    }
    assertEquals(404, shop.get("/v2/team/web/manifests/" + Digest.of(manifest)).statusCode());
  }
}
