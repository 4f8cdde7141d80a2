package dev.imgstore.builder.source.debian.archive;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mirror on loopback that serves one file under every name, and first does what its script says:
 * one step per request.
 */
final class TestMirror implements AutoCloseable {
  /** What to do with one request. */
  interface Step {
    void answer(HttpExchange exchange, byte[] file, int from) throws IOException;
  }

  private final HttpServer server;
  private final byte[] file;
  private final Deque<Step> script = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  TestMirror(byte[] file, Step... steps) throws IOException {
    this.file = file.clone();
    script.addAll(List.of(steps));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/debian/");
  }

  /** Path and range of each request so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(exchange.getRequestURI().getPath() + (range == null ? "" : " " + range));
      Step step;
      synchronized (script) {
        step = script.isEmpty() ? TestMirror::serve : script.removeFirst();
      }
      step.answer(exchange, file, from(range));
    }
  }

  private static int from(@Nullable String range) {
    return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
  }

  static void serve(HttpExchange exchange, byte[] file, int from) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
    exchange.getResponseBody().write(file, from, file.length - from);
  }

  /** Sends the beginning and breaks the connection. */
  static Step cutAfter(int bytes) {
    return (exchange, file, from) -> {
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
      exchange.getResponseBody().write(file, from, bytes);
      exchange.getResponseBody().flush();
      throw new IOException("the connection is cut on purpose");
    };
  }

  /** Answers with nothing but a status. */
  static Step status(int code, String... headers) {
    return (exchange, file, from) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(code, -1);
    };
  }

  /** Serves all of the file, whatever range was asked for. */
  static void ignoreRange(HttpExchange exchange, byte[] file, int from) throws IOException {
    serve(exchange, file, 0);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
