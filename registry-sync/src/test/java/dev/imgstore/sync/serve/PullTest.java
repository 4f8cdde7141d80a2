package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.code;
import static dev.imgstore.sync.serve.Shop.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Switch;
import dev.imgstore.store.FrameStore.Chunk;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Transaction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** distribution-spec 1.1, category "Pull", from its text. */
final class PullTest {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  @TempDir Path home;
  private Shop shop;

  @BeforeEach
  void open() throws IOException {
    shop = Shop.readOnly(home.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    shop.close();
  }

  @Test
  void aRegistrySaysThatItIsOne() throws IOException, InterruptedException {
    HttpResponse<byte[]> base = shop.get("/v2/");
    assertEquals(200, base.statusCode());
    assertEquals("registry/2.0", header(base, "Docker-Distribution-API-Version"));
    assertEquals(200, shop.get("/v2").statusCode());
    assertEquals(200, shop.head("/v2/").statusCode());
  }

  @Test
  void aManifestIsGivenByTagAndByDigestByteForByte() throws IOException, InterruptedException {
    byte[] manifest = shop.image("web");
    Digest digest = Digest.of(manifest);
    for (String reference : List.of("latest", "1", digest.toString(), "sha256%3A" + digest.hex())) {
      HttpResponse<byte[]> got = shop.get("/v2/web/manifests/" + reference);
      assertEquals(200, got.statusCode());
      assertArrayEquals(manifest, got.body());
      assertEquals(Shop.MANIFEST, header(got, "Content-Type"));
      assertEquals(digest.toString(), header(got, "Docker-Content-Digest"));
      HttpResponse<byte[]> head = shop.head("/v2/web/manifests/" + reference);
      assertEquals(200, head.statusCode());
      assertEquals(0, head.body().length);
      assertEquals(digest.toString(), header(head, "Docker-Content-Digest"));
      assertEquals(Integer.toString(manifest.length), header(head, "Content-Length"));
    }
  }

  @Test
  void whatIsRevokedIsGivenWithAWarning() throws IOException, InterruptedException {
    Digest image = Digest.of(shop.image("web"));
    assertEquals("", header(shop.get("/v2/web/manifests/latest"), "Warning"));
    Because because = new Because(Instant.EPOCH, "ann", "a \"hole\",\r\nwide");
    shop.store.roots().revoke(image, because);
    HttpResponse<byte[]> got = shop.get("/v2/web/manifests/latest");
    assertEquals(200, got.statusCode());
    String said = header(got, "Warning");
    assertTrue(said.startsWith("299 - \"" + image + " was revoked by ann at "), said);
    assertTrue(said.contains(": a 'hole',''wide; ") && said.endsWith("\""), said);
  }

  @Test
  void anIndexAndItsManifestsAreGiven() throws IOException, InterruptedException {
    byte[] child = Shop.manifest(CONFIG, Shop.bytes(1, 10));
    byte[] index = Shop.index(Shop.descriptor(Shop.MANIFEST, child));
    try (Transaction transaction = shop.store.begin()) {
      transaction.putMetadata(child);
      transaction.flush();
    }
    shop.commit("web", index, CONFIG, Shop.bytes(1, 10));
    HttpResponse<byte[]> got = shop.get("/v2/web/manifests/latest");
    assertEquals(Shop.INDEX, header(got, "Content-Type"));
    assertArrayEquals(index, got.body());
    assertArrayEquals(child, shop.get("/v2/web/manifests/" + Digest.of(child)).body());
    assertArrayEquals(CONFIG, shop.get("/v2/web/blobs/" + Digest.of(CONFIG)).body());
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException, InterruptedException {
    shop.image("web");
    String none = Digest.of(new byte[] {9}).toString();
    assertEquals("404 MANIFEST_UNKNOWN", code(shop.get("/v2/web/manifests/other")));
    assertEquals("404 MANIFEST_UNKNOWN", code(shop.get("/v2/web/manifests/2")));
    assertEquals("404 MANIFEST_UNKNOWN", code(shop.get("/v2/web/manifests/" + none)));
    assertEquals("404 MANIFEST_UNKNOWN", code(shop.get("/v2/nobody/manifests/latest")));
    assertEquals("404 BLOB_UNKNOWN", code(shop.get("/v2/web/blobs/" + none)));
    assertEquals(404, shop.head("/v2/web/blobs/" + none).statusCode());
    assertEquals(404, shop.head("/v2/web/manifests/other").statusCode());
    assertEquals("400 DIGEST_INVALID", code(shop.get("/v2/web/blobs/sha256:abc")));
    assertEquals("400 DIGEST_INVALID", code(shop.get("/v2/web/manifests/sha256:abc")));
    assertEquals("400 NAME_INVALID", code(shop.get("/v2/Web/manifests/latest")));
  }

  @Test
  void onlyWhatAnImageNamesIsSeen() throws IOException, InterruptedException {
    byte[] secret = "{\"a recipe\":1}".getBytes(UTF_8);
    Digest record;
    try (Transaction transaction = shop.store.begin()) {
      transaction.putMetadata(secret);
      transaction.flush();
    }
    shop.image("web");
    record = shop.store.profiles().open("web").orElseThrow().generations().get(0).record();
    byte[] other = shop.image("other");
    for (Digest each : List.of(Digest.of(secret), record, Digest.of(new byte[0]))) {
      assertTrue(shop.store.blobs().has(each));
      assertEquals(404, shop.get("/v2/web/blobs/" + each).statusCode());
      assertEquals(404, shop.get("/v2/web/manifests/" + each).statusCode());
    }
    assertEquals(404, shop.get("/v2/web/manifests/" + Digest.of(other)).statusCode());
  }

  @Test
  void aRollbackShowsAtTheNextPull() throws IOException, InterruptedException {
    byte[] first = shop.image("web");
    byte[] second = shop.image("web");
    assertArrayEquals(second, shop.get("/v2/web/manifests/latest").body());
    shop.store.profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, Shop.because());
    assertArrayEquals(first, shop.get("/v2/web/manifests/latest").body());
    assertArrayEquals(second, shop.get("/v2/web/manifests/2").body());
  }

  @Test
  void everyRangeOfEveryFormOfABlobIsRight() throws IOException, InterruptedException {
    byte[] chunked = Shop.bytes(1, 700_000);
    byte[] verbatim = Shop.bytes(2, 300_000);
    byte[] small = Shop.bytes(3, 1000);
    byte[] stitched;
    try (Transaction transaction = shop.store.begin()) {
      transaction.putVerbatim(new ByteArrayInputStream(verbatim));
      Digest cut = transaction.put(chunked);
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      List<Chunk> chunks = transaction.chunks(cut);
      for (Chunk each : chunks) {
        frames.write(transaction.frame(each.digest()));
      }
      stitched = frames.toByteArray();
      transaction.putStitched(
          Digest.of(stitched), stitched.length, chunks.stream().map(Chunk::digest).toList());
      transaction.flush();
    }
    shop.commit("web", Shop.manifest(CONFIG, chunked, verbatim, small, stitched), CONFIG, small);
    for (byte[] blob : List.of(chunked, verbatim, small, stitched)) {
      whole(blob);
      int end = blob.length;
      for (int[] each :
          new int[][] {
            {0, 1}, {0, end}, {1, 7}, {end / 2, end - 3}, {65_530, 65_545}, {end - 1, end}
          }) {
        if (each[1] <= end) {
          part(blob, each[0], each[1]);
        }
      }
    }
  }

  private void whole(byte[] blob) throws IOException, InterruptedException {
    String path = "/v2/web/blobs/" + Digest.of(blob);
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> got = shop.get(path);
      assertEquals(200, got.statusCode());
      assertArrayEquals(blob, got.body());
      assertEquals("bytes", header(got, "Accept-Ranges"));
    }
    assertEquals(Integer.toString(blob.length), header(shop.head(path), "Content-Length"));
    String size = "bytes */" + blob.length;
    HttpResponse<byte[]> beyond = shop.get(path, "Range", "bytes=" + blob.length + "-");
    assertEquals(416, beyond.statusCode());
    assertEquals(size, header(beyond, "Content-Range"));
    assertEquals(200, shop.get(path, "Range", "bytes=0-1,3-4").statusCode());
    assertEquals(200, shop.get(path, "Range", "lines=0-1").statusCode());
    assertEquals(416, shop.get(path, "Range", "bytes=5-2").statusCode());
    assertEquals(200, shop.get(path, "Range", "bytes=0-1", "If-Range", "\"x\"").statusCode());
    assertArrayEquals(
        Arrays.copyOfRange(blob, blob.length - 9, blob.length),
        shop.get(path, "Range", "bytes=-9").body());
  }

  private void part(byte[] blob, int from, int to) throws IOException, InterruptedException {
    HttpResponse<byte[]> got =
        shop.get("/v2/web/blobs/" + Digest.of(blob), "Range", "bytes=" + from + "-" + (to - 1));
    assertEquals(206, got.statusCode());
    assertArrayEquals(Arrays.copyOfRange(blob, from, to), got.body(), from + " " + to);
    assertEquals(
        "bytes " + from + "-" + (to - 1) + "/" + blob.length, header(got, "Content-Range"));
  }

  @Test
  void aReadOnlyRegistryTakesNothing() throws IOException, InterruptedException {
    shop.image("web");
    byte[] body = {1};
    assertEquals("405 UNSUPPORTED", code(shop.send("POST", "/v2/web/blobs/uploads/", body)));
    assertEquals("405 UNSUPPORTED", code(shop.send("PUT", "/v2/web/manifests/x", body)));
    assertEquals("405 UNSUPPORTED", code(shop.send("DELETE", "/v2/web/manifests/1", new byte[0])));
    assertEquals("405 UNSUPPORTED", code(shop.send("PATCH", "/v2/web/tags/list", body)));
  }
}
