package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.ConformanceContents.EMPTY;
import static dev.imgstore.sync.serve.Shop.bytes;
import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.json;
import static dev.imgstore.sync.serve.Shop.location;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** distribution-spec 1.1: each way to upload, with right and with wrong bytes. */
final class ConformanceUploadTest extends RawClient {
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
}
