package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.code;
import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** distribution-spec 1.1, category "Content Discovery", from its text. */
final class DiscoveryTest {
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
  void tagsAreListedInOrderAndInPages() throws IOException, InterruptedException {
    for (int i = 0; i < 11; i++) {
      shop.image("web");
    }
    String all = "[\"1\",\"10\",\"11\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"latest\"]";
    JsonNode whole = json(shop.get("/v2/web/tags/list"));
    assertEquals("web", whole.path("name").asText());
    assertEquals(all, whole.path("tags").toString());
    HttpResponse<byte[]> page = shop.get("/v2/web/tags/list?n=4");
    assertEquals("[\"1\",\"10\",\"11\",\"2\"]", json(page).path("tags").toString());
    assertEquals("</v2/web/tags/list?n=4&last=2>; rel=\"next\"", header(page, "Link"));
    HttpResponse<byte[]> last = shop.get("/v2/web/tags/list?n=9&last=2");
    assertEquals("", header(last, "Link"));
    assertTrue(json(last).path("tags").toString().endsWith("\"latest\"]"));
    assertEquals("[]", json(shop.get("/v2/web/tags/list?n=0")).path("tags").toString());
    assertEquals(400, shop.get("/v2/web/tags/list?n=x").statusCode());
    assertEquals("404 NAME_UNKNOWN", code(shop.get("/v2/nobody/tags/list")));
  }

  @Test
  void referrersAreListedByType() throws IOException, InterruptedException {
    byte[] image = shop.image("web");
    Digest subject = Digest.of(image);
    String about = ",\"subject\":" + Shop.descriptor(Shop.MANIFEST, image);
    byte[] layer = {1};
    byte[] signed =
        Shop.manifest(
            Shop.descriptor("application/vnd.oci.empty.v1+json", CONFIG),
            Shop.descriptor("application/x-signature", layer),
            about + ",\"artifactType\":\"application/x-signed\",\"annotations\":{\"by\":\"me\"}");
    byte[] listed =
        Shop.manifest(
            Shop.descriptor("application/x-listing", CONFIG),
            Shop.descriptor("application/x-text", layer),
            about);
    shop.commit("web", signed, CONFIG, layer);
    shop.commit("web", listed, CONFIG, layer);
    HttpResponse<byte[]> got = shop.get("/v2/web/referrers/" + subject);
    assertEquals(200, got.statusCode());
    assertEquals(Shop.INDEX, header(got, "Content-Type"));
    assertEquals(2, json(got).path("manifests").size());
    assertEquals(2, json(got).path("schemaVersion").asInt());
    HttpResponse<byte[]> filtered =
        shop.get("/v2/web/referrers/" + subject + "?artifactType=application%2Fx-signed");
    assertEquals("artifactType", header(filtered, "OCI-Filters-Applied"));
    JsonNode one = json(filtered).path("manifests").path(0);
    assertEquals(Digest.of(signed).toString(), one.path("digest").asText());
    assertEquals(Shop.MANIFEST, one.path("mediaType").asText());
    assertEquals(signed.length, one.path("size").asInt());
    assertEquals("application/x-signed", one.path("artifactType").asText());
    assertEquals("me", one.path("annotations").path("by").asText());
    HttpResponse<byte[]> config =
        shop.get("/v2/web/referrers/" + subject + "?artifactType=application%2Fx-listing");
    assertEquals(1, json(config).path("manifests").size());
  }

  @Test
  void whatNothingRefersToHasAnEmptyList() throws IOException, InterruptedException {
    HttpResponse<byte[]> got = shop.get("/v2/web/referrers/" + Digest.of(CONFIG));
    assertEquals(200, got.statusCode());
    assertEquals("[]", json(got).path("manifests").toString());
    assertEquals("400 DIGEST_INVALID", code(shop.get("/v2/web/referrers/sha256:x")));
  }

  @Test
  void repositoriesAreListed() throws IOException, InterruptedException {
    shop.image("web");
    shop.image("team..web");
    shop.image("NotForRegistries");
    assertEquals(
        "[\"team/web\",\"web\"]", json(shop.get("/v2/_catalog")).path("repositories").toString());
    assertEquals(200, shop.get("/v2/team/web/manifests/latest").statusCode());
    HttpResponse<byte[]> page = shop.get("/v2/_catalog?n=1");
    assertEquals("</v2/_catalog?n=1&last=team/web>; rel=\"next\"", header(page, "Link"));
  }

  @Test
  void healthAndMetricsAreSaid() throws IOException, InterruptedException {
    shop.image("web");
    shop.get("/v2/web/manifests/latest");
    assertEquals("ok\n", new String(shop.get("/healthz").body(), UTF_8));
    String metrics = new String(shop.get("/metrics").body(), UTF_8);
    assertTrue(
        metrics.contains(
            "imgstore_serve_requests_total{method=\"GET\",endpoint=\"manifest\",status=\"200\"} 1\n"),
        metrics);
    assertTrue(
        shop.log.stream().anyMatch(line -> line.contains("\"path\":\"/v2/web/manifests/latest\"")));
  }
}
