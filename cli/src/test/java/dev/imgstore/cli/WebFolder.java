package dev.imgstore.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Files on a server of this machine, and who asked for them. */
final class WebFolder implements Closeable {
  private static final byte[] RUBBISH = "<html>pay first</html>".getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, String> redirects = new ConcurrentHashMap<>();
  private final List<String> secrets = Collections.synchronizedList(new ArrayList<>());
  private volatile String wanted = "";
  private volatile int status = 200;
  private volatile Fault fault = Fault.NONE;

  /** What else than a file may come. */
  enum Fault {
    NONE,
    ABSENT,
    BUSY,
    /** Some page, whatever was asked for. */
    GARBAGE,
    /** The connection is closed. */
    NOTHING
  }

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

  /** From now on nobody gets a file. */
  WebFolder failing(Fault how) {
    fault = how;
    return answering(how == Fault.ABSENT ? 404 : how == Fault.BUSY ? 429 : 200);
  }

  /** Answers only who sends this as {@code Authorization}. */
  WebFolder wanting(String authorization) {
    wanted = authorization;
    return this;
  }

  /** Sends who asks for a file to another address. */
  WebFolder redirecting(String path, String address) {
    redirects.put("/" + path, address);
    return this;
  }

  /** What was sent as {@code Authorization} so far, each once. */
  Set<String> secrets() {
    synchronized (secrets) {
      return new TreeSet<>(secrets);
    }
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
      String secret = exchange.getRequestHeaders().getFirst("Authorization");
      if (secret != null) {
        secrets.add(secret);
      }
      if (!wanted.isEmpty() && !wanted.equals(secret)) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      if (redirects.containsKey(path)) {
        exchange.getResponseHeaders().set("Location", redirects.get(path));
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      if (fault == Fault.NOTHING) {
        return;
      }
      Optional<byte[]> file =
          Optional.ofNullable(fault == Fault.GARBAGE ? RUBBISH : files.get(path))
              .filter(found -> status == 200);
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
