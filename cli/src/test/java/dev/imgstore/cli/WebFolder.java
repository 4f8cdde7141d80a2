package dev.imgstore.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Files on a server of this machine, and who asked for them. */
final class WebFolder implements Closeable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile int status = 200;

  WebFolder() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** The address of a file, or of the whole. */
  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
  }

  WebFolder with(String path, byte[] bytes) {
    files.put("/" + path, bytes);
    return this;
  }

  WebFolder without(String path) {
    files.remove("/" + path);
    return this;
  }

  /** From now on every answer has this status. */
  WebFolder answering(int code) {
    status = code;
    return this;
  }

  /** The paths asked for so far, sorted, each once. */
  List<String> asked() {
    synchronized (asked) {
      return List.copyOf(new TreeMap<>(toMap()).keySet());
    }
  }

  private Map<String, String> toMap() {
    Map<String, String> map = new TreeMap<>();
    asked.forEach(path -> map.put(path, path));
    return map;
  }

  void forget() {
    asked.clear();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      asked.add(path);
      Optional<byte[]> file = Optional.ofNullable(files.get(path)).filter(found -> status == 200);
      int code = file.isPresent() ? 200 : status == 200 ? 404 : status;
      boolean body = file.isPresent() && file.get().length > 0;
      exchange.sendResponseHeaders(code, body ? file.get().length : -1);
      if (body) {
        exchange.getResponseBody().write(file.get());
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
