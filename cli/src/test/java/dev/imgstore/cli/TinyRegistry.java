package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.imgstore.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry that one may only read, with what a test says is in it. */
final class TinyRegistry implements Closeable {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  private static final int BLOCK = 512;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Map<String, byte[]> things = new ConcurrentHashMap<>();
  private final Map<String, String> types = new ConcurrentHashMap<>();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  TinyRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** An image here as it is written. */
  String name(String repositoryAndTag) {
    return "127.0.0.1:" + server.getAddress().getPort() + "/" + repositoryAndTag;
  }

  /** Which blobs were asked for. */
  List<String> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  /** Adds a blob, and gives its descriptor without the last brace. */
  String blob(String type, byte[] bytes) {
    things.put(Digest.of(bytes).toString(), bytes);
    return open(type, bytes);
  }

  private static String open(String type, byte[] bytes) {
    return "{\"mediaType\": \"%s\", \"digest\": \"%s\", \"size\": %d"
        .formatted(type, Digest.of(bytes), bytes.length);
  }

  /** Adds a manifest or index under its digest and a tag, and gives its descriptor likewise. */
  String manifest(String tag, String type, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    for (String each : List.of(tag, Digest.of(bytes).toString())) {
      things.put(each, bytes);
      types.put(each, type);
    }
    return open(type, bytes);
  }

  /** Adds an image with these layers, tars as they are. */
  String image(String tag, String architecture, byte[]... layers) {
    List<String> ids = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    for (byte[] each : layers) {
      ids.add("\"" + Digest.of(each) + "\"");
      parts.add(blob(LAYER, each) + "}");
    }
    String config =
        blob(
            CONFIG,
            "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"diff_ids\":%s}}"
                .formatted(architecture, ids)
                .getBytes(UTF_8));
    return manifest(
        tag,
        MANIFEST,
        "{\"schemaVersion\": 2,\n \"config\": %s}, \"layers\": %s, \"x\": {\"y\": [1.50]}}"
            .formatted(config, parts));
  }

  /** Puts something else in the place of a blob or manifest; nothing if there are no bytes. */
  void instead(Digest digest, byte... bytes) {
    if (bytes.length == 0) {
      things.remove(digest.toString());
    } else {
      things.put(digest.toString(), bytes);
    }
  }

  /** A tar of files (POSIX pax, "ustar Interchange Format"): names and contents in turn. */
  static byte[] tar(String... files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < files.length; i += 2) {
      byte[] content = files[i + 1].getBytes(UTF_8);
      byte[] header = new byte[BLOCK];
      put(header, 0, files[i]);
      put(
          header,
          100,
          "0000644\0000000000\0000000000\0%011o\00000000000000".formatted(content.length));
      put(header, 148, "        0");
      put(header, 257, "ustar\00000");
      int sum = 0;
      for (byte each : header) {
        sum += each & 0xff;
      }
      put(header, 148, "%06o\0 ".formatted(sum));
      out.writeBytes(header);
      out.writeBytes(content);
      out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    }
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String last = path.substring(path.lastIndexOf('/') + 1);
    byte[] bytes = things.get(last);
    if (path.contains("/blobs/")) {
      asked.add(last);
    }
    try (exchange) {
      if (path.equals("/v2/")) {
        exchange.sendResponseHeaders(200, -1);
      } else if (bytes == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        exchange
            .getResponseHeaders()
            .set("Content-Type", types.getOrDefault(last, "application/octet-stream"));
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
