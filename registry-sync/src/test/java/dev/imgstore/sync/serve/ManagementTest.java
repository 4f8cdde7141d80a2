package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.code;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles.Because;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** distribution-spec 1.1, category "Content Management", and who may do what. */
final class ManagementTest {
  private static final byte[] NOTHING = {};

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

  private HttpResponse<byte[]> delete(String path) throws IOException, InterruptedException {
    return shop.send("DELETE", path, NOTHING);
  }

  @Test
  void aTagIsDeletedAndItsImageStays() throws IOException, InterruptedException {
    byte[] image = shop.image("web");
    shop.store.roots().pin("serve/web:prod", Digest.of(image), Shop.because());
    assertEquals(202, delete("/v2/web/manifests/prod").statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/prod").statusCode());
    assertEquals(200, shop.get("/v2/web/manifests/" + Digest.of(image)).statusCode());
    assertEquals("404 MANIFEST_UNKNOWN", code(delete("/v2/web/manifests/prod")));
    assertEquals("403 DENIED", code(delete("/v2/web/manifests/latest")));
    assertEquals("403 DENIED", code(delete("/v2/web/manifests/1")));
  }

  @Test
  void anImageIsDeletedByItsDigestWithAllItsNames() throws IOException, InterruptedException {
    byte[] first = shop.image("web");
    byte[] second = shop.image("web");
    shop.store.roots().pin("serve/web:prod", Digest.of(second), Shop.because());
    assertEquals(202, delete("/v2/web/manifests/" + Digest.of(second)).statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/" + Digest.of(second)).statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/prod").statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/2").statusCode());
    assertArrayEquals(first, shop.get("/v2/web/manifests/latest").body());
    assertEquals(202, delete("/v2/web/manifests/" + Digest.of(first)).statusCode());
    assertEquals(404, shop.get("/v2/web/tags/list").statusCode());
    assertEquals(404, delete("/v2/web/manifests/" + Digest.of(first)).statusCode());
  }

  @Test
  void whatIsCurrentGivesWayToTheHighestThatIsNotRevoked() throws Exception {
    byte[] first = shop.image("web");
    Digest second = Digest.of(shop.image("web"));
    Digest third = Digest.of(shop.image("web"));
    shop.store.roots().pin("serve/web:prod", third, Shop.because());
    shop.store.roots().revoke(second, Shop.because());
    shop.store.roots().revoke(third, Shop.because());
    assertEquals(202, delete("/v2/web/manifests/" + third).statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/prod").statusCode());
    assertArrayEquals(first, shop.get("/v2/web/manifests/latest").body());
    assertEquals(200, shop.get("/v2/web/manifests/" + second).statusCode());
  }

  @Test
  void whereAllElseIsRevokedNothingIsTakenAway() throws Exception {
    Digest first = Digest.of(shop.image("web"));
    byte[] second = shop.image("web");
    shop.store.roots().pin("serve/web:prod", Digest.of(second), Shop.because());
    shop.store.roots().revoke(first, Shop.because());
    HttpResponse<byte[]> refused = delete("/v2/web/manifests/" + Digest.of(second));
    assertEquals("403 DENIED", code(refused));
    String said = new String(refused.body(), UTF_8);
    assertTrue(said.contains("every other generation of web is revoked"), said);
    assertArrayEquals(second, shop.get("/v2/web/manifests/prod").body());
    assertArrayEquals(second, shop.get("/v2/web/manifests/latest").body());
  }

  @Test
  void whatIsHeldIsNotDeleted() throws IOException, InterruptedException {
    Digest image = Digest.of(shop.image("web"));
    Because because = new Because(Instant.EPOCH, "judge", "case 7");
    shop.store.roots().hold(image, "judge", because);
    assertEquals("403 DENIED", code(delete("/v2/web/manifests/" + image)));
    assertEquals(200, shop.get("/v2/web/manifests/latest").statusCode());
  }

  @Test
  void aRefusalLeavesAllNamesAsTheyWere() throws Exception {
    shop.image("web");
    Digest held = Digest.of(shop.image("web"));
    shop.store.roots().pin("serve/web:prod", held, Shop.because());
    shop.store.roots().hold(held, "judge", new Because(Instant.EPOCH, "judge", "case 7"));
    refusedAndUnchanged(held, "held by judge");
    shop.store.roots().release(held, Shop.because());
    shop.store.roots().tag("web", "v1", 2, Shop.because());
    shop.store.roots().good("web", 2, Shop.because());
    refusedAndUnchanged(held, "last good, and tagged v1");
    shop.store.roots().untag("web", "v1", Shop.because());
    shop.store.roots().good("web", 1, Shop.because());
    shop.store.roots().pin("elsewhere", held, Shop.because());
    refusedAndUnchanged(held, "pinned by elsewhere");
    shop.store.roots().unpin("elsewhere", Shop.because());
    assertEquals(202, delete("/v2/web/manifests/" + held).statusCode());
    assertEquals(404, shop.get("/v2/web/manifests/prod").statusCode());
  }

  @Test
  void whatWasRolledBackFromIsNotDeletedByHalves() throws Exception {
    shop.image("web");
    Digest back = Digest.of(shop.image("web"));
    shop.store.roots().pin("serve/web:prod", back, Shop.because());
    shop.store.profiles().makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, Shop.because());
    refusedAndUnchanged(back, "rolled back from, and nothing was built since");
  }

  @Test
  void whatIsHeldIsNotDeletedIfOnlyATagStandsForIt() throws Exception {
    Digest image = Digest.of(shop.image("other"));
    shop.store.roots().pin("serve/web:prod", image, Shop.because());
    shop.store.roots().hold(image, "judge", new Because(Instant.EPOCH, "judge", "case 7"));
    refusedAndUnchanged(image, "held by judge");
    shop.store.roots().release(image, Shop.because());
    assertEquals(202, delete("/v2/web/manifests/" + image).statusCode());
    assertEquals(200, shop.get("/v2/other/manifests/" + image).statusCode());
  }

  private void refusedAndUnchanged(Digest image, String why) throws Exception {
    long before = shop.store.journal().list().size();
    HttpResponse<byte[]> refused = delete("/v2/web/manifests/" + image);
    assertEquals("403 DENIED", code(refused));
    String said = new String(refused.body(), UTF_8);
    assertTrue(said.contains(why), said);
    assertEquals(before, shop.store.journal().list().size());
  }

  @Test
  void aBlobIsDeletedOnlyIfNoImageHasIt() throws IOException, InterruptedException {
    byte[] blob = "text".getBytes(UTF_8);
    String at = shop.upload("web", blob);
    assertEquals(202, delete(at).statusCode());
    assertEquals(404, shop.head(at).statusCode());
    assertEquals("404 BLOB_UNKNOWN", code(delete(at)));
    byte[] image = shop.image("web");
    String config = Digest.of("{\"number\":0}".getBytes(UTF_8)).toString();
    assertEquals("403 DENIED", code(delete("/v2/web/blobs/" + config)));
    assertEquals(200, shop.get("/v2/web/manifests/" + Digest.of(image)).statusCode());
  }

  @Test
  void nothingIsDeletedUnlessTheServerWasTold() throws IOException, InterruptedException {
    shop.close();
    shop = new Shop(home.resolve("store"), new Access(true, false, false, List.of()), Limits.USUAL);
    Digest image = Digest.of(shop.image("web"));
    assertEquals("405 UNSUPPORTED", code(delete("/v2/web/manifests/" + image)));
    assertEquals("405 UNSUPPORTED", code(delete("/v2/web/blobs/" + image)));
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  @Test
  void tokensSayWhoMayWrite() throws IOException, InterruptedException {
    shop.close();
    Access access = new Access(true, false, false, List.of(Shop.WRITER, Shop.READER));
    shop = new Shop(home.resolve("store"), access, Limits.USUAL);
    shop.image("web");
    String uploads = "/v2/web/blobs/uploads/";
    HttpResponse<byte[]> nobody = shop.send("POST", uploads, NOTHING);
    assertEquals("401 UNAUTHORIZED", code(nobody));
    assertEquals(
        "Basic realm=\"imgstore\", charset=\"UTF-8\"", Shop.header(nobody, "WWW-Authenticate"));
    String authorization = "Authorization";
    String alice = basic("alice:very secret");
    assertEquals(202, shop.send("POST", uploads, NOTHING, authorization, alice).statusCode());
    assertEquals(
        202, shop.send("POST", uploads, NOTHING, authorization, "Bearer very secret").statusCode());
    assertEquals(
        "403 DENIED",
        code(shop.send("POST", uploads, NOTHING, authorization, basic("bob:less secret"))));
    for (String wrong :
        List.of(
            basic("alice:wrong"), basic("bob:very secret"), "Bearer x", "Basic !", "Digest x")) {
      assertEquals(
          401, shop.send("POST", uploads, NOTHING, authorization, wrong).statusCode(), wrong);
      assertEquals(401, shop.get("/v2/web/manifests/latest", authorization, wrong).statusCode());
    }
    assertEquals(200, shop.get("/v2/web/manifests/latest").statusCode());
    assertEquals(200, shop.get("/v2/web/manifests/latest", authorization, basic(":")).statusCode());
    assertEquals(401, shop.get("/v2/").statusCode());
    assertEquals(200, shop.get("/v2/", authorization, alice).statusCode());
    assertEquals(0, shop.log.stream().filter(line -> line.contains("secret")).count());
  }

  @Test
  void aPrivateRegistryIsReadWithATokenOnly() throws IOException, InterruptedException {
    shop.close();
    shop =
        new Shop(
            home.resolve("store"),
            new Access(false, false, true, List.of(Shop.READER)),
            Limits.USUAL);
    shop.image("web");
    assertEquals("401 UNAUTHORIZED", code(shop.get("/v2/web/manifests/latest")));
    assertEquals(401, shop.get("/v2/_catalog").statusCode());
    assertEquals(401, shop.get("/metrics").statusCode());
    assertEquals(200, shop.get("/healthz").statusCode());
    assertEquals(
        200,
        shop.get("/v2/web/manifests/latest", "Authorization", basic("bob:less secret"))
            .statusCode());
  }
}
