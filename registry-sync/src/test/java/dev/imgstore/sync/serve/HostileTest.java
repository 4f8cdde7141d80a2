package dev.imgstore.sync.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that want to hurt: everything they can use up is bounded, and others are served. */
final class HostileTest {
  private static final byte[] NOTHING = {};
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path home;
  private Shop shop;

  @BeforeEach
  void open() throws IOException {
    shop = new Shop(home.resolve("store"), Shop.OPEN, Shop.SMALL);
  }

  @AfterEach
  void close() throws IOException {
    shop.close();
  }

  /** Another server, with times that a test sees end. */
  private void hurry(Duration head, Duration idle, Duration uploadIdle) throws IOException {
    shop.close();
    shop = new Shop(home.resolve("store"), Shop.OPEN, Shop.small(head, idle, uploadIdle));
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), shop.server.address().port());
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  /** All that comes until the server ends, which it must. */
  private static String rest(Socket socket) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), ISO_8859_1);
          } catch (IOException e) {
            return "reset";
          }
        });
  }

  private void serves() throws IOException, InterruptedException {
    assertEquals(200, shop.get("/healthz").statusCode());
  }

  @Test
  void pathsThatTryToClimbNameNothing() throws IOException {
    shop.image("web");
    for (String path :
        List.of(
            "/v2/../../etc/passwd",
            "/v2/web/../web/manifests/latest",
            "/v2/web/%2e%2e/manifests/latest",
            "/v2/web%2fx/manifests/latest",
            "/v2/web/manifests/%6catest",
            "/v2/web/manifests/..",
            "/v2/web/manifests/%252e%252e",
            "/v2/web/blobs/..%2f..%2fformat",
            "/v2//manifests/latest",
            "//v2/web/manifests/latest",
            "/v2/web/blobs/uploads/../uploads/x",
            "/v2/web\\x/tags/list",
            "http://elsewhere/v2/web/manifests/latest",
            "/v2/web/manifests/latest/",
            "/" + "a".repeat(5000))) {
      try (Socket socket = connect()) {
        send(socket, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        String answer = rest(socket);
        assertTrue(answer.matches("(?s)HTTP/1.1 4(00|04|05|14) .*"), path + " " + answer);
      }
    }
  }

  @Test
  void aHeadWithoutAnEndIsNotRead() throws IOException, InterruptedException {
    for (String endless :
        List.of("GET /" + "a".repeat(100_000), "GET / HTTP/1.1\r\nX: " + "a".repeat(100_000))) {
      try (Socket socket = connect()) {
        send(socket, endless);
        assertTrue(rest(socket).matches("(?s)(HTTP/1.1 400 .*|reset)"));
      }
    }
    try (Socket socket = connect()) {
      send(socket, "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(200) + "\r\n");
      assertTrue(rest(socket).matches("(?s)(HTTP/1.1 400 .*|reset)"));
    }
    serves();
  }

  @Test
  void whoSpeaksTlsToAPlainServerIsToldAtOnce() throws IOException {
    try (Socket socket = connect()) {
      send(socket, "\u0016\u0003\u0001\u0000\u0005\n\u0000\n\u0000\n");
      assertTrue(rest(socket).startsWith("HTTP/1.1 400"));
    }
  }

  @Test
  void aBodyWithTwoLengthsIsRefused() throws IOException {
    try (Socket socket = connect()) {
      send(
          socket,
          String.join(
              "\r\n",
              "POST /v2/web/blobs/uploads/ HTTP/1.1",
              "Host: x",
              "Content-Length: 5",
              "Transfer-Encoding: chunked",
              "",
              "0",
              "",
              "GET /healthz HTTP/1.1",
              "",
              ""));
      String answer = rest(socket);
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertFalse(answer.contains("ok\n"), answer);
    }
  }

  @Test
  void manySlowClientsKeepNobodyOut() throws IOException, InterruptedException {
    hurry(Duration.ofMillis(700), LONG, LONG);
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 20; i++) { // the server has 16 connections
      Socket socket = connect();
      slow.add(socket);
      send(socket, "GET /v2/ HT");
    }
    for (Socket each : slow) {
      rest(each);
      each.close();
    }
    serves();
  }

  @Test
  void idleConnectionsMakeRoom() throws IOException, InterruptedException {
    List<Socket> idle = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      idle.add(connect());
    }
    serves();
    for (Socket each : idle) {
      each.close();
    }
  }

  @Test
  void aClientThatStopsReadingIsLeft() throws IOException, InterruptedException {
    hurry(LONG, Duration.ofMillis(700), LONG);
    byte[] layer = Shop.bytes(1, 7 << 20);
    byte[] config = "{}".getBytes(UTF_8);
    shop.commit("web", Shop.manifest(config, layer), config, layer);
    List<Socket> deaf = new ArrayList<>();
    for (int i = 0; i < 8; i++) { // four are worked on at once
      Socket socket = connect();
      deaf.add(socket);
      send(socket, "GET /v2/web/blobs/" + Digest.of(layer) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    serves();
    assertArrayEquals(layer, shop.get("/v2/web/blobs/" + Digest.of(layer)).body());
    for (Socket each : deaf) {
      each.close();
    }
  }

  /** Four are worked on at once; what nobody wants is not waited for meanwhile. */
  @Test
  void bodiesNobodyWantsHoldUpNobody() throws IOException, InterruptedException {
    String at = "/v2/web/manifests/latest";
    shop.image("web");
    List<Socket> snails = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Socket socket = connect();
      snails.add(socket);
      send(socket, "GET " + at + " HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nslow");
    }
    assertEquals(200, shop.get(at).statusCode());
    for (Socket each : snails) {
      String answer = rest(each); // and then it is closed
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
      each.close();
    }
  }

  @Test
  void whoWaitsTooLongIsToldSoAndHealthIsSaidAllTheSame() throws IOException, InterruptedException {
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Socket socket = connect();
      slow.add(socket);
      send(
          socket,
          String.join(
              "\r\n",
              "PUT /v2/web/manifests/x HTTP/1.1",
              "Host: x",
              "Expect: 100-continue",
              "Content-Length: 60000",
              "",
              ""));
      assertEquals('H', socket.getInputStream().read()); // it is worked on
    }
    serves();
    assertEquals(200, shop.get("/metrics").statusCode());
    HttpResponse<byte[]> late = shop.get("/v2/");
    assertEquals("503 UNAVAILABLE", Shop.code(late));
    assertEquals("5", Shop.header(late, "Retry-After"));
    for (Socket each : slow) {
      each.close();
    }
  }

  @Test
  void anUploadThatStopsIsLeftAndDropped() throws IOException, InterruptedException {
    hurry(LONG, Duration.ofMillis(700), Duration.ofSeconds(2));
    String at = Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING));
    try (Socket socket = connect()) {
      send(
          socket,
          "PATCH " + at + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nsome bytes");
      rest(socket);
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (!new String(shop.get("/metrics").body(), UTF_8)
              .contains("imgstore_serve_uploads 0\n")) {
            Thread.onSpinWait();
          }
        });
    assertEquals(404, shop.send("PATCH", at, NOTHING).statusCode());
  }

  @Test
  void anEndlessUploadIsCut() throws IOException, InterruptedException {
    String at = Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING));
    HttpResponse<byte[]> said = shop.send("PATCH", at, new byte[(8 << 20) + 1]);
    assertEquals(413, said.statusCode());
    for (String method : List.of("PATCH", "PUT")) {
      String to = Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING));
      try (Socket socket = connect()) {
        send(
            socket,
            method
                + " "
                + to
                + "?digest="
                + Digest.of(NOTHING)
                + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        byte[] chunk = ("10000\r\n" + "a".repeat(65_536) + "\r\n").getBytes(ISO_8859_1);
        String answer = "";
        try {
          for (int i = 0; i < 10_000; i++) {
            socket.getOutputStream().write(chunk);
          }
          answer = "all was taken";
        } catch (IOException e) {
          answer = rest(socket);
        }
        assertTrue(answer.matches("(?s)(HTTP/1.1 413 .*|reset)"), answer);
      }
    }
    serves();
  }

  private void staged(long bytes) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (!new String(shop.get("/metrics").body(), UTF_8)
              .contains("imgstore_serve_staged_bytes " + bytes + "\n")) {
            Thread.onSpinWait();
          }
        });
  }

  /** Two take 8 MiB each of the 16 that all may have together; nothing is left for a third. */
  @Test
  void uploadsAtOnceHaveNoMoreThanTheirRoomTogether() throws IOException, InterruptedException {
    byte[] part = Shop.bytes(1, 8 << 20);
    byte[] more = Shop.bytes(2, 1000);
    List<Socket> open = new ArrayList<>();
    for (String to :
        List.of(
            "POST /v2/web/blobs/uploads/?digest=" + Digest.of(part),
            "PUT "
                + Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING))
                + "?digest="
                + Digest.of(part))) {
      Socket socket = connect();
      open.add(socket);
      send(socket, to + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800000\r\n");
      socket.getOutputStream().write(part);
      socket.getOutputStream().flush();
      staged((long) open.size() * part.length);
    }
    String at = Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING));
    HttpResponse<byte[]> said = shop.send("PATCH", at, more);
    assertEquals("429 TOOMANYREQUESTS", Shop.code(said));
    HttpResponse<byte[]> unsaid = shop.stream("PATCH", at, more);
    assertEquals("429 TOOMANYREQUESTS", Shop.code(unsaid));
    for (Socket each : open) {
      send(each, "\r\n0\r\n\r\n");
      byte[] answer = each.getInputStream().readNBytes(12);
      assertEquals("HTTP/1.1 201", new String(answer, ISO_8859_1));
      each.close();
    }
    staged(0);
    shop.upload("web", part);
  }

  @Test
  void anUploadHasAnEndWhoeverGoesOnWithIt() throws IOException {
    shop.close();
    Duration age = Duration.ofSeconds(1);
    shop = new Shop(home.resolve("store"), Shop.OPEN, Shop.small(LONG, LONG, LONG, age));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          String at = Shop.location(shop.send("POST", "/v2/web/blobs/uploads/", NOTHING));
          int status = 202;
          while (status == 202) {
            status = shop.send("PATCH", at, NOTHING).statusCode();
          }
          assertEquals(404, status);
          while (!new String(shop.get("/metrics").body(), UTF_8)
              .contains("imgstore_serve_uploads 0\n")) {
            Thread.onSpinWait();
          }
        });
  }

  @Test
  void uploadsAreCounted() throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertEquals(202, shop.send("POST", "/v2/web/blobs/uploads/", NOTHING).statusCode());
    }
    HttpResponse<byte[]> fourth = shop.send("POST", "/v2/web/blobs/uploads/", NOTHING);
    assertEquals("429 TOOMANYREQUESTS", Shop.code(fourth));
    assertEquals("5", Shop.header(fourth, "Retry-After"));
  }

  @Test
  void indexesAreNotNestedWithoutEnd() throws IOException, InterruptedException {
    byte[] config = "{}".getBytes(UTF_8);
    shop.upload("web", config);
    byte[] inner = Shop.manifest(config);
    String type = Shop.MANIFEST;
    int depth = 0;
    HttpResponse<byte[]> put = push(inner, type);
    while (put.statusCode() == 201 && depth < 50) {
      inner = Shop.index(Shop.descriptor(type, inner));
      type = Shop.INDEX;
      depth++;
      put = push(inner, type);
    }
    assertEquals("400 MANIFEST_INVALID", Shop.code(put));
    assertEquals(Reach.MAX_DEPTH, depth);
    assertTrue(shop.store.check().findings().isEmpty());
  }

  private HttpResponse<byte[]> push(byte[] manifest, String type)
      throws IOException, InterruptedException {
    return shop.send(
        "PUT", "/v2/web/manifests/" + Digest.of(manifest), manifest, "Content-Type", type);
  }

  @Test
  void aServerThatEndsFinishesWhatItSends() throws Exception {
    byte[] layer = Shop.bytes(1, 7 << 20);
    byte[] config = "{}".getBytes(UTF_8);
    shop.commit("web", Shop.manifest(config, layer), config, layer);
    try (Socket socket = connect()) {
      send(socket, "GET /v2/web/blobs/" + Digest.of(layer) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      InputStream in = socket.getInputStream();
      assertTrue(in.read() >= 0);
      Thread end =
          new Thread(
              () -> {
                try {
                  shop.server.stop();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      end.start();
      byte[] all = in.readAllBytes();
      end.join();
      assertEquals(Digest.of(layer), Digest.of(all, all.length - layer.length, layer.length));
    }
  }
}
