import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Greets whoever asks, in JSON. */
public final class Greeter {
  private static final Logger LOG = LoggerFactory.getLogger(Greeter.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Greeting(String hello, int java) {}

  private Greeter() {}

  /** Serves until it is ended. */
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext(
        "/",
        exchange -> {
          String name = exchange.getRequestURI().getPath().substring(1);
          byte[] answer = JSON.writeValueAsBytes(new Greeting(name, Runtime.version().feature()));
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer);
          }
          LOG.info("greeted {}", name);
        });
    server.start();
    LOG.info("listening on port {}", port);
  }
}
