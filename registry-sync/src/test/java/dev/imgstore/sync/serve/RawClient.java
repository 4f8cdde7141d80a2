package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.location;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Raw requests of a client that knows nothing of imgstore, to a registry of its own. */
abstract class RawClient {
  static final byte[] NOTHING = {};
  static final String NONE = Shop.MANIFEST + "," + Shop.INDEX;
  @TempDir Path home;
  Shop shop;

  int seed;

  @BeforeEach
  void open() throws IOException {
    shop = Shop.writable(home.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    assertTrue(shop.store.check().findings().isEmpty());
    shop.close();
  }

  HttpResponse<byte[]> begin() throws IOException, InterruptedException {
    HttpResponse<byte[]> begun = shop.send("POST", "/v2/team/web/blobs/uploads/", NOTHING);
    assertEquals(202, begun.statusCode());
    return begun;
  }

  void uploaded(byte[] blob, int way) throws IOException, InterruptedException {
    HttpResponse<byte[]> end = upload(blob, Digest.of(blob).toString(), way);
    assertEquals(201, end.statusCode(), () -> new String(end.body(), UTF_8));
    assertEquals(Digest.of(blob).toString(), header(end, "Docker-Content-Digest"));
    assertArrayEquals(blob, shop.get(location(end)).body());
  }

  /** The ways of the specification, and in parts that come in a wrong order first. */
  HttpResponse<byte[]> upload(byte[] blob, String digest, int way)
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

  HttpResponse<byte[]> inParts(byte[] blob, String digest, boolean isLastInPut)
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

  static String type(byte[] manifest) {
    String text = new String(manifest, 0, Math.min(200, manifest.length), UTF_8);
    return text.contains(Shop.INDEX) ? Shop.INDEX : Shop.MANIFEST;
  }

  void pushed(String reference, byte[] manifest) throws IOException, InterruptedException {
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

  static String subject(byte[] manifest) throws IOException {
    return dev.imgstore.store.JsonTree.read(manifest).path("subject").path("digest").asText();
  }

  void isGiven(String reference, byte[] manifest) throws IOException, InterruptedException {
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

  void isGiven(byte[] blob) throws IOException, InterruptedException {
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

  void deleted(String path, Integer... statuses) throws IOException, InterruptedException {
    int status = shop.send("DELETE", path, NOTHING).statusCode();
    assertTrue(List.of(statuses).contains(status), path + " " + status);
    assertEquals(404, shop.head(path).statusCode(), path);
  }
}
