package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.bytes;
import static dev.imgstore.sync.serve.Shop.code;
import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.json;
import static dev.imgstore.sync.serve.Shop.location;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** distribution-spec 1.1, category "Push", from its text. */
final class PushTest {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);
  private static final byte[] NOTHING = {};
  private static final String UPLOADS = "/v2/web/blobs/uploads/";

  @TempDir Path home;
  private Shop shop;

  @BeforeEach
  void open() throws IOException {
    shop = Shop.writable(home.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    shop.close();
  }

  private void isThere(byte[] blob) throws IOException, InterruptedException {
    String path = "/v2/web/blobs/" + Digest.of(blob);
    assertArrayEquals(blob, shop.get(path).body());
    assertEquals(Integer.toString(blob.length), header(shop.head(path), "Content-Length"));
  }

  private HttpResponse<byte[]> put(String reference, byte[] manifest)
      throws IOException, InterruptedException {
    return shop.send(
        "PUT", "/v2/web/manifests/" + reference, manifest, "Content-Type", Shop.MANIFEST);
  }

  private byte[] image(int seed) throws IOException, InterruptedException {
    byte[] layer = bytes(seed, 10_000);
    shop.upload("web", CONFIG);
    shop.upload("web", layer);
    return Shop.manifest(CONFIG, layer);
  }

  @Test
  void aBlobComesInOneRequest() throws IOException, InterruptedException {
    byte[] blob = bytes(1, 100_000);
    HttpResponse<byte[]> got =
        shop.send(
            "POST", UPLOADS + "?digest=" + Digest.of(blob).toString().replace(":", "%3A"), blob);
    assertEquals(201, got.statusCode());
    assertEquals("/v2/web/blobs/" + Digest.of(blob), location(got));
    assertEquals(Digest.of(blob).toString(), header(got, "Docker-Content-Digest"));
    isThere(blob);
  }

  @Test
  void aBlobComesAsPostAndPut() throws IOException, InterruptedException {
    byte[] blob = bytes(2, 100_000);
    HttpResponse<byte[]> begun = shop.send("POST", UPLOADS, NOTHING);
    assertEquals(202, begun.statusCode());
    HttpResponse<byte[]> got =
        shop.send("PUT", location(begun) + "?digest=" + Digest.of(blob), blob);
    assertEquals(201, got.statusCode());
    isThere(blob);
    assertEquals("404 BLOB_UPLOAD_UNKNOWN", code(shop.get(location(begun))));
  }

  @Test
  void aBlobComesInChunksInOrder() throws IOException, InterruptedException {
    byte[] blob = bytes(3, 90_000);
    String at = location(shop.send("POST", UPLOADS, NOTHING));
    assertEquals(204, shop.get(at).statusCode());
    HttpResponse<byte[]> early =
        shop.send(
            "PATCH", at, Arrays.copyOfRange(blob, 40_000, 80_000), "Content-Range", "40000-79999");
    assertEquals(416, early.statusCode());
    HttpResponse<byte[]> first =
        shop.send("PATCH", at, Arrays.copyOf(blob, 40_000), "Content-Range", "0-39999");
    assertEquals(202, first.statusCode());
    assertEquals("0-39999", header(first, "Range"));
    HttpResponse<byte[]> status = shop.get(location(first));
    assertEquals(204, status.statusCode());
    assertEquals("0-39999", header(status, "Range"));
    assertEquals(
        416,
        shop.send("PATCH", at, Arrays.copyOf(blob, 40_000), "Content-Range", "0-39999")
            .statusCode());
    assertEquals(
        202, shop.stream("PATCH", at, Arrays.copyOfRange(blob, 40_000, 80_000)).statusCode());
    HttpResponse<byte[]> end =
        shop.send(
            "PUT",
            at + "?digest=" + Digest.of(blob),
            Arrays.copyOfRange(blob, 80_000, 90_000),
            "Content-Range",
            "80000-89999");
    assertEquals(201, end.statusCode());
    isThere(blob);
  }

  @Test
  void wrongBytesAreNotTaken() throws IOException, InterruptedException {
    byte[] blob = bytes(4, 5000);
    String other = Digest.of(CONFIG).toString();
    String at = location(shop.send("POST", UPLOADS, NOTHING));
    assertEquals("400 DIGEST_INVALID", code(shop.send("PUT", at + "?digest=" + other, blob)));
    String parts =
        location(shop.stream("PATCH", location(shop.send("POST", UPLOADS, NOTHING)), blob));
    assertEquals("400 DIGEST_INVALID", code(shop.send("PUT", parts + "?digest=" + other, NOTHING)));
    assertEquals("400 DIGEST_INVALID", code(shop.send("POST", UPLOADS + "?digest=" + other, blob)));
    assertEquals("400 DIGEST_INVALID", code(shop.send("PUT", at + "?digest=sha256:1", blob)));
    assertEquals("400 DIGEST_INVALID", code(shop.send("PUT", at, blob)));
    assertFalse(shop.store.blobs().has(Digest.of(blob)));
    assertEquals("404 BLOB_UPLOAD_UNKNOWN", code(shop.send("PATCH", UPLOADS + "abc", blob)));
  }

  @Test
  void anUploadIsGivenUp() throws IOException, InterruptedException {
    String at = location(shop.send("POST", UPLOADS, NOTHING));
    assertEquals(404, shop.get(at.replace("/web/", "/other/")).statusCode());
    assertEquals(204, shop.send("DELETE", at, NOTHING).statusCode());
    assertEquals("404 BLOB_UPLOAD_UNKNOWN", code(shop.send("PATCH", at, CONFIG)));
  }

  @Test
  void aBlobIsMountedFromWhereItIsSeen() throws IOException, InterruptedException {
    byte[] blob = bytes(5, 1000);
    shop.upload("other", blob);
    String digest = Digest.of(blob).toString();
    assertEquals(404, shop.head("/v2/web/blobs/" + digest).statusCode());
    HttpResponse<byte[]> nowhere =
        shop.send("POST", UPLOADS + "?mount=" + digest + "&from=nobody", NOTHING);
    assertEquals(202, nowhere.statusCode());
    HttpResponse<byte[]> got =
        shop.send("POST", UPLOADS + "?mount=" + digest + "&from=other", NOTHING);
    assertEquals(201, got.statusCode());
    assertEquals("/v2/web/blobs/" + digest, location(got));
    isThere(blob);
  }

  @Test
  void aTagIsAGenerationWithAnEntryInTheJournal() throws IOException, InterruptedException {
    byte[] manifest = image(1);
    HttpResponse<byte[]> got = put("latest", manifest);
    assertEquals(201, got.statusCode());
    assertEquals("/v2/web/manifests/" + Digest.of(manifest), location(got));
    assertEquals(Digest.of(manifest).toString(), header(got, "Docker-Content-Digest"));
    assertArrayEquals(manifest, shop.get("/v2/web/manifests/latest").body());
    Profile web = shop.store.profiles().open("web").orElseThrow();
    assertEquals(Digest.of(manifest), web.currentGeneration().orElseThrow().image());
    assertTrue(
        shop.store.journal().list().stream()
            .anyMatch(
                each ->
                    each.why().equals("pushed as web:latest") && each.who().equals("serve@here")));
    assertEquals(201, put("latest", manifest).statusCode());
    assertEquals(1, shop.store.profiles().open("web").orElseThrow().generations().size());
  }

  @Test
  void anyOtherTagIsAPinAndMovesNothingElse() throws IOException, InterruptedException {
    byte[] first = image(1);
    byte[] second = image(2);
    put("prod", first);
    assertEquals(404, shop.get("/v2/web/manifests/latest").statusCode());
    put("latest", second);
    put("1.2-rc", first);
    assertArrayEquals(first, shop.get("/v2/web/manifests/prod").body());
    assertArrayEquals(second, shop.get("/v2/web/manifests/latest").body());
    assertEquals(1, shop.store.profiles().open("web").orElseThrow().generations().size());
    put("prod", second);
    assertArrayEquals(second, shop.get("/v2/web/manifests/prod").body());
    assertEquals(
        "[\"1\",\"1.2-rc\",\"latest\",\"prod\"]",
        json(shop.get("/v2/web/tags/list")).path("tags").toString());
    put("latest", first); // what was tried out is taken
    assertArrayEquals(first, shop.get("/v2/web/manifests/2").body());
  }

  @Test
  void whatATagStoodForStaysUnderItsDigest() throws IOException, InterruptedException {
    byte[] first = image(1);
    byte[] second = image(2);
    String deployed = "/v2/web/manifests/" + Digest.of(first);
    put("main", first);
    assertEquals(1, shop.store.roots().pins().size());
    put("main", second);
    collect();
    assertArrayEquals(first, shop.get(deployed).body());
    assertEquals(202, shop.send("DELETE", "/v2/web/manifests/main", NOTHING).statusCode());
    collect();
    assertArrayEquals(second, shop.get("/v2/web/manifests/" + Digest.of(second)).body());
    assertEquals(
        List.of("serve/web@" + Digest.of(first), "serve/web@" + Digest.of(second)).stream()
            .sorted()
            .toList(),
        shop.store.roots().pins().stream().map(Root.Pin::name).sorted().toList());
    assertEquals(202, shop.send("DELETE", deployed, NOTHING).statusCode());
    assertEquals(404, shop.get(deployed).statusCode());
    put("main", second); // names it again, so the digest alone need not
    assertEquals(
        List.of("serve/web:main"), shop.store.roots().pins().stream().map(Root.Pin::name).toList());
  }

  @Test
  void noPushHidesATreeAnywhere() throws IOException, InterruptedException {
    byte[] good = image(1);
    put("good", good);
    byte[] layer = bytes(1, 10_000);
    String tree = "application/vnd.imgstore.tree.v1";
    String config = Shop.descriptor(Shop.CONFIG, CONFIG);
    String plain = Shop.descriptor(Shop.LAYER, layer);
    String hidden = Shop.descriptor(tree, layer);
    String far = hidden.replace("}", ",\"urls\":[\"https://example.com/x\"]}");
    for (byte[] bad :
        List.of(
            Shop.manifest(Shop.descriptor(tree, CONFIG), plain, ""),
            Shop.manifest(config, plain + "," + hidden, ""),
            Shop.manifest(config, plain + "," + far, ""),
            Shop.manifest(config, plain, ",\"subject\":" + hidden),
            Shop.manifest(config, hidden, ",\"artifactType\":\"application/x\""))) {
      assertEquals("400 MANIFEST_INVALID", code(put("x", bad)), new String(bad, UTF_8));
    }
    for (String entry :
        List.of(Shop.descriptor(tree, good), far, Shop.descriptor(tree, Digest.of(layer), 1))) {
      byte[] index = Shop.index(Shop.descriptor(Shop.MANIFEST, good) + "," + entry);
      HttpResponse<byte[]> got =
          shop.send("PUT", "/v2/web/manifests/x", index, "Content-Type", Shop.INDEX);
      assertEquals("400 MANIFEST_INVALID", code(got), entry);
    }
  }

  /** A collection counts on every manifest of an index, whatever addresses it has. */
  @Test
  void aManifestWithAddressesMustBeThere() throws IOException, InterruptedException {
    byte[] absent = Shop.manifest(CONFIG, bytes(77, 9));
    String far =
        Shop.descriptor(Shop.MANIFEST, absent)
            .replace("}", ",\"urls\":[\"https://example.com/x\"]}");
    HttpResponse<byte[]> got =
        shop.send("PUT", "/v2/web/manifests/x", Shop.index(far), "Content-Type", Shop.INDEX);
    assertEquals("404 MANIFEST_BLOB_UNKNOWN", code(got));
    collect();
  }

  /** What is only said to be a manifest of trees, and was uploaded as bytes, harms nobody. */
  @Test
  void aSubjectThatLiesIsNoTrouble() throws IOException, InterruptedException {
    byte[] layer = bytes(1, 10_000);
    byte[] liar =
        Shop.manifest(
            Shop.descriptor(Shop.CONFIG, CONFIG),
            Shop.descriptor("application/vnd.imgstore.tree.v1", layer),
            "");
    shop.upload("web", CONFIG);
    shop.upload("web", layer);
    shop.upload("web", liar);
    byte[] artifact =
        Shop.manifest(
            Shop.descriptor(Shop.CONFIG, CONFIG),
            Shop.descriptor(Shop.LAYER, layer),
            ",\"subject\":" + Shop.descriptor(Shop.MANIFEST, liar));
    assertEquals(201, put("x", artifact).statusCode());
    collect();
    assertTrue(shop.store.check().findings().isEmpty());
    isThere(liar);
  }

  @Test
  void aNumberIsAGenerationAndStaysOne() throws IOException, InterruptedException {
    byte[] first = image(1);
    byte[] second = image(2);
    assertEquals(409, put("7", first).statusCode());
    assertEquals(201, put("1", first).statusCode());
    assertEquals(201, put("1", first).statusCode());
    assertEquals(409, put("1", second).statusCode());
    assertEquals(201, put("2", second).statusCode());
    assertArrayEquals(first, shop.get("/v2/web/manifests/1").body());
  }

  @Test
  void aPushDoesNotUndoARollback() throws IOException, InterruptedException {
    byte[] first = image(1);
    byte[] second = image(2);
    put("latest", first);
    put("latest", second);
    shop.store.profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, Shop.because());
    HttpResponse<byte[]> got = put("latest", second);
    assertEquals("409 DENIED", code(got));
    assertTrue(new String(got.body(), UTF_8).contains("rolled back"));
    assertArrayEquals(first, shop.get("/v2/web/manifests/latest").body());
  }

  @Test
  void anIndexComesAfterItsManifests() throws IOException, InterruptedException {
    byte[] child = image(1);
    byte[] index = Shop.index(Shop.descriptor(Shop.MANIFEST, child));
    String path = "/v2/web/manifests/multi";
    HttpResponse<byte[]> early = shop.send("PUT", path, index, "Content-Type", Shop.INDEX);
    assertEquals("404 MANIFEST_BLOB_UNKNOWN", code(early));
    assertEquals(201, put(Digest.of(child).toString(), child).statusCode());
    assertArrayEquals(child, shop.get("/v2/web/manifests/" + Digest.of(child)).body());
    assertEquals(1, shop.store.roots().pins().size());
    assertEquals(201, shop.send("PUT", path, index, "Content-Type", Shop.INDEX).statusCode());
    assertArrayEquals(index, shop.get(path).body());
    assertArrayEquals(child, shop.get("/v2/web/manifests/" + Digest.of(child)).body());
    assertEquals(
        List.of("serve/web:multi"),
        shop.store.roots().pins().stream().map(Root.Pin::name).toList());
  }

  @Test
  void whatIsNoManifestIsRefused() throws IOException, InterruptedException {
    byte[] good = image(1);
    byte[] tree =
        Shop.manifest(
            Shop.descriptor(Shop.CONFIG, CONFIG),
            Shop.descriptor("application/vnd.imgstore.tree.v1", CONFIG),
            "");
    byte[] both =
        new String(good, UTF_8)
            .replace("\"config\"", "\"manifests\":[],\"config\"")
            .getBytes(UTF_8);
    byte[] size =
        new String(good, UTF_8).replace("\"size\":10000", "\"size\":10001").getBytes(UTF_8);
    byte[] notes =
        new String(good, UTF_8)
            .replace("\"config\"", "\"annotations\":{\"a\":[]},\"config\"")
            .getBytes(UTF_8);
    for (byte[] bad :
        List.of(NOTHING, CONFIG, "[".getBytes(UTF_8), bytes(1, 99), tree, both, size, notes)) {
      assertEquals("400 MANIFEST_INVALID", code(put("x", bad)), new String(bad, UTF_8));
    }
    assertEquals("404 MANIFEST_BLOB_UNKNOWN", code(put("x", Shop.manifest(CONFIG, bytes(9, 9)))));
    assertEquals("400 DIGEST_INVALID", code(put(Digest.of(CONFIG).toString(), good)));
    assertEquals("400 MANIFEST_INVALID", code(put("-x", good)));
    HttpResponse<byte[]> other =
        shop.send("PUT", "/v2/web/manifests/x", good, "Content-Type", Shop.INDEX);
    assertEquals("400 MANIFEST_INVALID", code(other));
    assertEquals(413, put("x", new byte[(4 << 20) + 1]).statusCode());
    assertEquals(List.of(), shop.store.profiles().names());
  }

  @Test
  void whatIsNamedMustBeSeenInTheSameRepository() throws IOException, InterruptedException {
    byte[] good = image(1);
    put("latest", good);
    Digest record = shop.store.profiles().open("web").orElseThrow().generations().get(0).record();
    byte[] thief =
        Shop.manifest(
            Shop.descriptor(Shop.CONFIG, CONFIG),
            Shop.descriptor(Shop.LAYER, record, shop.store.blobs().size(record)),
            "");
    assertEquals("404 MANIFEST_BLOB_UNKNOWN", code(put("x", thief)));
    HttpResponse<byte[]> elsewhere =
        shop.send("PUT", "/v2/other/manifests/x", good, "Content-Type", Shop.MANIFEST);
    assertEquals("404 MANIFEST_BLOB_UNKNOWN", code(elsewhere));
  }

  @Test
  void anArtifactIsKeptWithItsSubjectAndListed() throws IOException, InterruptedException {
    byte[] image = image(1);
    byte[] artifact =
        Shop.manifest(
            Shop.descriptor("application/vnd.oci.empty.v1+json", CONFIG),
            Shop.descriptor("application/vnd.example.anything", CONFIG),
            ",\"artifactType\":\"application/x-sbom\",\"subject\":"
                + Shop.descriptor(Shop.MANIFEST, image));
    HttpResponse<byte[]> early = put(Digest.of(artifact).toString(), artifact);
    assertEquals(201, early.statusCode());
    assertEquals(Digest.of(image).toString(), header(early, "OCI-Subject"));
    collect();
    put("latest", image);
    collect();
    assertEquals(
        Digest.of(artifact).toString(),
        json(shop.get("/v2/web/referrers/" + Digest.of(image)))
            .path("manifests")
            .path(0)
            .path("digest")
            .asText());
    assertArrayEquals(artifact, shop.get("/v2/web/manifests/" + Digest.of(artifact)).body());
    assertTrue(shop.store.check().findings().isEmpty());
  }

  @Test
  void aCollectionTakesNothingThatIsOnItsWay() throws IOException, InterruptedException {
    byte[] layer = bytes(1, 200_000);
    String at = location(shop.send("POST", UPLOADS, NOTHING));
    shop.stream("PATCH", at, Arrays.copyOf(layer, 100_000));
    shop.upload("web", CONFIG);
    collect();
    shop.stream("PATCH", at, Arrays.copyOfRange(layer, 100_000, layer.length));
    shop.send("PUT", at + "?digest=" + Digest.of(layer), NOTHING);
    collect();
    assertEquals(201, put("latest", Shop.manifest(CONFIG, layer)).statusCode());
    collect();
    isThere(layer);
    assertTrue(shop.store.check().findings().isEmpty());
  }

  private void collect() throws IOException {
    try (Collector collector = shop.store.collector()) {
      CollectPlan plan = collector.plan(Collector.Policy.ALL, OptionalLong.empty());
      collector.apply(plan, Shop.because(), Clock.systemUTC());
    }
  }

  @Test
  void whatWasPushedIsThereAfterTheServerHasEnded() throws IOException, InterruptedException {
    byte[] tagged = image(1);
    byte[] untagged = image(2);
    put("v1", tagged);
    put(Digest.of(untagged).toString(), untagged);
    shop.close();
    shop = Shop.readOnly(home.resolve("store"));
    collect();
    assertArrayEquals(tagged, shop.get("/v2/web/manifests/v1").body());
    assertArrayEquals(untagged, shop.get("/v2/web/manifests/" + Digest.of(untagged)).body());
    assertArrayEquals(
        bytes(2, 10_000), shop.get("/v2/web/blobs/" + Digest.of(bytes(2, 10_000))).body());
  }
}
