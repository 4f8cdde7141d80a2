package dev.imgstore.sync.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.JsonTree;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A store on a disk, a server over it on a free port, and a client. */
final class Shop implements AutoCloseable {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  static final String LAYER = "application/vnd.oci.image.layer.v1.tar+zstd";
  static final Token WRITER = Token.of("alice", true, "very secret");
  static final Token READER = Token.of("bob", false, "less secret");
  static final Access OPEN = new Access(true, true, false, List.of());

  /** Little room, and time enough for a busy machine. */
  static final Limits SMALL =
      small(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMinutes(5));

  /** Little room. */
  static Limits small(Duration head, Duration idle, Duration uploadIdle) {
    return small(head, idle, uploadIdle, Duration.ofMinutes(5));
  }

  /** Little room. */
  static Limits small(Duration head, Duration idle, Duration uploadIdle, Duration uploadAge) {
    return new Limits(
        16,
        4,
        Duration.ofSeconds(6),
        head,
        Duration.ofSeconds(40),
        idle,
        8 << 20,
        16 << 20,
        4,
        3,
        uploadIdle,
        uploadAge,
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofSeconds(5));
  }

  final Path home;
  final DiskStore store;
  final RegistryServer server;
  final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final HttpClient client = HttpClient.newHttpClient();
  private int made;

  Shop(Path home, Access access, Limits limits) throws IOException {
    this.home = home;
    this.store = DiskStore.open(home, notice -> {});
    this.server =
        RegistryServer.start(
            new RegistryServer.Opening(
                Listen.parse("127.0.0.1:0"), Encryption.NONE, access, limits),
            new RegistryServer.Wiring(
                () -> DiskStore.open(home, notice -> {}),
                Clock.systemUTC(),
                new Random(7),
                log::add,
                name -> name.isEmpty() ? "serve@here" : name + "@here (serve)"));
  }

  static Shop readOnly(Path home) throws IOException {
    return new Shop(home, Access.READ_ONLY, Limits.USUAL);
  }

  static Shop writable(Path home) throws IOException {
    return new Shop(home, OPEN, Limits.USUAL);
  }

  /** Bytes that do not compress. */
  static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static String descriptor(String type, byte[] bytes) {
    return descriptor(type, Digest.of(bytes), bytes.length);
  }

  static String descriptor(String type, Digest digest, long size) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
  }

  static byte[] manifest(byte[] config, byte[]... layers) {
    List<String> all = new ArrayList<>();
    for (byte[] each : layers) {
      all.add(descriptor(LAYER, each));
    }
    return manifest(descriptor(CONFIG, config), String.join(",", all), "");
  }

  static byte[] manifest(String config, String layers, String more) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + MANIFEST
            + "\",\"config\":"
            + config
            + ",\"layers\":["
            + layers
            + "]"
            + more
            + "}")
        .getBytes(UTF_8);
  }

  static byte[] index(String manifests) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + INDEX
            + "\",\"manifests\":["
            + manifests
            + "]}")
        .getBytes(UTF_8);
  }

  /** A generation of this image, whose blobs are put as a build does. */
  Generation commit(String profile, byte[] manifest, byte[]... blobs) throws IOException {
    try (Transaction transaction = store.begin()) {
      for (byte[] each : blobs) {
        transaction.put(each);
      }
      return commit(profile, transaction.putMetadata(manifest), transaction);
    }
  }

  Generation commit(String profile, Digest image, Transaction transaction) throws IOException {
    Digest nothing = transaction.putMetadata(new byte[0]);
    Digest record =
        transaction.putMetadata(
            new BuildRecord(
                    image,
                    nothing,
                    Collections.emptySortedMap(),
                    nothing,
                    List.of(),
                    Collections.emptySortedMap(),
                    List.of())
                .encode());
    transaction.flush();
    Profile before = store.profiles().open(profile).orElse(Profile.empty(profile));
    return store.profiles().commit(profile, before.current(), image, record, because());
  }

  /** A small image, another one each time. */
  byte[] image(String profile) throws IOException {
    byte[] config = ("{\"number\":" + made + "}").getBytes(UTF_8);
    byte[] layer = bytes(made++, 300_000);
    byte[] manifest = manifest(config, layer);
    commit(profile, manifest, config, layer);
    return manifest;
  }

  static Because because() {
    return new Because(Instant.parse("2026-01-02T03:04:05Z"), "tester", "test");
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().port() + path);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<byte[]> head(String path) throws IOException, InterruptedException {
    return send(request(path).method("HEAD", BodyPublishers.noBody()));
  }

  HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).method(method, BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Without a known length. */
  HttpResponse<byte[]> stream(String method, String path, byte[] body)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .method(method, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
  }

  /** Uploads a blob as docker does: begin, one part, end. */
  String upload(String repository, byte[] blob) throws IOException, InterruptedException {
    HttpResponse<byte[]> begun = send("POST", "/v2/" + repository + "/blobs/uploads/", new byte[0]);
    HttpResponse<byte[]> part = stream("PATCH", location(begun), blob);
    HttpResponse<byte[]> end =
        send("PUT", location(part) + "?digest=" + Digest.of(blob), new byte[0]);
    if (end.statusCode() != 201) {
      throw new AssertionError(end.statusCode() + " " + new String(end.body(), UTF_8));
    }
    return location(end);
  }

  static String location(HttpResponse<?> response) {
    return response.headers().firstValue("Location").orElseThrow();
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return JsonTree.read(response.body());
  }

  /** The code of an answer that is an error. */
  static String code(HttpResponse<byte[]> response) throws IOException {
    return response.statusCode()
        + " "
        + json(response).path("errors").path(0).path("code").asText();
  }

  @Override
  public void close() throws IOException {
    server.close();
    store.close();
  }
}
