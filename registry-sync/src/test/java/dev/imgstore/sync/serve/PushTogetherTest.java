package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes and deletions of one tag at once: what was answered 201 is kept by its digest. */
final class PushTogetherTest {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);
  private static final int THREADS = 8;

  @TempDir Path home;
  private Shop shop;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @BeforeEach
  void open() throws IOException {
    shop = Shop.writable(home.resolve("store"));
  }

  @AfterEach
  void close() throws IOException {
    threads.shutdownNow();
    shop.close();
  }

  private List<byte[]> images(int count) throws IOException, InterruptedException {
    return images(shop, 0, count);
  }

  private static List<byte[]> images(Shop shop, int from, int to)
      throws IOException, InterruptedException {
    shop.upload("web", CONFIG);
    List<byte[]> images = new ArrayList<>();
    for (int i = from; i < to; i++) {
      byte[] layer = bytes(i, 500);
      shop.upload("web", layer);
      images.add(Shop.manifest(CONFIG, layer));
    }
    return images;
  }

  private int put(String reference, byte[] image) throws IOException, InterruptedException {
    return put(shop, reference, image);
  }

  private static int put(Shop shop, String reference, byte[] image)
      throws IOException, InterruptedException {
    return shop.send("PUT", "/v2/web/manifests/" + reference, image, "Content-Type", Shop.MANIFEST)
        .statusCode();
  }

  private void allAnswer(int status, List<Callable<Integer>> what) throws Exception {
    for (Future<Integer> each : threads.invokeAll(what)) {
      assertEquals(status, each.get());
    }
  }

  private void areThere(List<byte[]> images) throws IOException, InterruptedException {
    for (byte[] each : images) {
      assertArrayEquals(each, shop.get("/v2/web/manifests/" + Digest.of(each)).body());
    }
  }

  @Test
  void everyImagePushedAsOneTagStaysUnderItsDigest() throws Exception {
    List<byte[]> images = images(24);
    List<Callable<Integer>> pushes = new ArrayList<>();
    images.forEach(each -> pushes.add(() -> put("v1", each)));
    allAnswer(201, pushes);
    areThere(images);
  }

  @Test
  void aDigestIsNotLostWhenItsTagMovesAtOnce() throws Exception {
    List<byte[]> images = images(24);
    for (int i = 0; i < images.size(); i += 2) {
      byte[] first = images.get(i);
      byte[] second = images.get(i + 1);
      assertEquals(201, put(Digest.of(first).toString(), first));
      allAnswer(201, List.of(() -> put("t", first), () -> put("t", second)));
    }
    areThere(images);
  }

  @Test
  void twoServersOverOneStoreLoseNoImageOfATag() throws Exception {
    try (Shop other = Shop.writable(home.resolve("store"))) {
      List<byte[]> images = images(shop, 0, 12);
      List<byte[]> others = images(other, 12, 24);
      List<Callable<Integer>> pushes = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        byte[] here = images.get(i);
        byte[] there = others.get(i);
        pushes.add(() -> untilTaken(shop, here));
        pushes.add(() -> untilTaken(other, there));
      }
      allAnswer(201, pushes);
      areThere(images);
      areThere(others);
    }
  }

  /** A client tries again when it is told to. */
  private static int untilTaken(Shop shop, byte[] image) throws IOException, InterruptedException {
    int answer = put(shop, "v1", image);
    for (int tries = 0; answer == 503 && tries < 100; tries++) {
      answer = put(shop, "v1", image);
    }
    return answer;
  }

  @Test
  void aRevokedImageIsNotTakenAndStaysWhereItWas() throws Exception {
    List<byte[]> images = images(2);
    byte[] bad = images.get(0);
    assertEquals(201, put("v1", bad));
    Because because = new Because(Instant.parse("2026-01-02T03:04:05Z"), "ann", "CVE-2026-1");
    shop.store.roots().revoke(Digest.of(bad), because);
    HttpResponse<byte[]> refused =
        shop.send("PUT", "/v2/web/manifests/v2", bad, "Content-Type", Shop.MANIFEST);
    assertEquals("403 DENIED", Shop.code(refused));
    assertTrue(new String(refused.body(), UTF_8).contains("CVE-2026-1"));
    assertEquals(201, put("v1", images.get(1)));
    areThere(images);
  }

  @Test
  void aDeletionOfTheTagBesideLosesNothing() throws Exception {
    List<byte[]> images = images(24);
    List<Callable<Integer>> pushes = new ArrayList<>();
    for (byte[] each : images) {
      pushes.add(() -> put("v1", each));
      pushes.add(
          () -> {
            shop.send("DELETE", "/v2/web/manifests/v1", new byte[0]);
            return 201; // the tag may be there or not
          });
    }
    allAnswer(201, pushes);
    areThere(images);
  }
}
