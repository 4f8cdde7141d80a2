package dev.imgstore.builder.source.fetch;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * An HTTP server on loopback that answers one request after the other as a script says, byte for
 * byte, and closes the connection after each; when the script is over, every answer is 404.
 */
public final class FaultyMirror implements Closeable {
  private final ServerSocket socket;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Deque<Answer> script = new ArrayDeque<>();
  private final List<String> requests = new ArrayList<>();

  /** Writes one answer. */
  public interface Answer {
    void to(Request request, OutputStream out) throws IOException, InterruptedException;
  }

  /** A request: its first line, and the start of the range it asks for. */
  public record Request(String line, long from) {}

  public FaultyMirror() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "faulty-mirror");
    thread.setDaemon(true);
    thread.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/debian/");
  }

  /** Appends to the script. */
  public FaultyMirror then(Answer... answers) {
    synchronized (script) {
      script.addAll(List.of(answers));
    }
    return this;
  }

  /** First lines of all requests so far, with who asks and the range asked for behind. */
  public List<String> requests() {
    synchronized (script) {
      return List.copyOf(requests);
    }
  }

  public static Answer status(int code, String... headers) {
    return (request, out) -> head(out, code, 0, headers);
  }

  /** The whole file, whatever range was asked for. */
  public static Answer whole(byte[] file) {
    return (request, out) -> {
      head(out, 200, file.length);
      out.write(file);
    };
  }

  /** The part asked for. */
  public static Answer part(byte[] file) {
    return (request, out) -> {
      int from = (int) request.from();
      String range = "Content-Range: bytes " + from + "-" + (file.length - 1) + "/" + file.length;
      head(out, from > 0 ? 206 : 200, file.length - from, range);
      out.write(file, from, file.length - from);
    };
  }

  /** Promises the whole file and breaks off after some bytes. */
  public static Answer cut(byte[] file, int after) {
    return (request, out) -> {
      head(out, 200, file.length);
      out.write(file, 0, after);
    };
  }

  /** Bytes without a word on how many; the end of the connection is their end. */
  public static Answer unmeasured(byte[] file) {
    return (request, out) -> {
      out.write("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.write(file);
    };
  }

  /** Some bytes, and then nothing until the mirror is closed. */
  public Answer stall(byte[] file, int after) {
    return (request, out) -> {
      head(out, 200, file.length);
      out.write(file, 0, after);
      out.flush();
      closing.await();
    };
  }

  /** No answer at all until the mirror is closed. */
  public Answer silence() {
    return silent("");
  }

  /** Some bytes of an answer, and then nothing until the mirror is closed. */
  public Answer silent(String bytes) {
    return (request, out) -> {
      out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      closing.await();
    };
  }

  /** Asks without proxies or accounts, and never pauses. */
  public static Fetcher patientFetcher() {
    Duration long1 = Duration.ofSeconds(20);
    return new Fetcher(
        new Connections(
            new Proxies("", Map.of()),
            Accounts.NONE,
            new Patience(long1, long1, long1, time -> {}, Patience.TRIES, System::nanoTime)));
  }

  /** The header that would be sent to an address. */
  public static Optional<String> account(Accounts accounts, String address) {
    return accounts.of(URI.create(address));
  }

  /** Bytes as they are. */
  public static Answer raw(String bytes) {
    return (request, out) -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void head(OutputStream out, int code, long length, String... headers)
      throws IOException {
    String lines = Arrays.stream(headers).map(line -> line + "\r\n").reduce("", String::concat);
    String head =
        "HTTP/1.1 " + code + " X\r\nConnection: close\r\nContent-Length: " + length + "\r\n";
    out.write((head + lines + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread thread = new Thread(() -> answer(client), "faulty-mirror-answer");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        // The test is over.
      }
    }
  }

  private void answer(Socket client) {
    try (client) {
      Request request = request(client);
      Answer answer;
      synchronized (script) {
        requests.add(request.line() + (request.from() > 0 ? " from " + request.from() : ""));
        answer = script.isEmpty() ? status(404) : script.removeFirst();
      }
      answer.to(request, client.getOutputStream());
    } catch (IOException | InterruptedException e) {
      // The client went away, or the test is over.
    }
  }

  private static Request request(Socket client) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
    String line = String.valueOf(in.readLine());
    long from = 0;
    String header = in.readLine();
    while (header != null && !header.isEmpty()) {
      if (header.startsWith("Authorization: ")) {
        line += " as " + header.substring(15);
      }
      if (header.startsWith("Range: bytes=")) {
        from = Long.parseLong(header.substring(13, header.length() - 1));
      }
      header = in.readLine();
    }
    return new Request(line, from);
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    socket.close();
  }
}
