package dev.imgstore.sync.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A registry that answers as a test says, on bare sockets, so that it can do what no server may.
 */
final class FaultServer implements AutoCloseable {
  /** What came. */
  record Asked(String line, TreeMap<String, String> headers, int body) {
    /** Empty if it was not sent. */
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What a test does with it; the connection ends when it returns. */
  interface Script {
    /** Writes whatever it likes. */
    void answer(Asked asked, OutputStream out) throws IOException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  FaultServer(Script script) throws IOException {
    this.script = script;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::listen);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "fault-server");
    thread.setDaemon(true);
    thread.start();
  }

  String host() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  private void listen() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Asked request = read(new BufferedInputStream(socket.getInputStream()), true);
      asked.add(request);
      script.answer(request, socket.getOutputStream());
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // the client went away, as it should
    }
  }

  static Asked read(InputStream in, boolean whole) throws IOException {
    String line = line(in);
    TreeMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String each = line(in); !each.isEmpty(); each = line(in)) {
      headers.put(
          each.substring(0, each.indexOf(':')), each.substring(each.indexOf(':') + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
    return new Asked(line, headers, whole ? in.readNBytes(length).length : 0);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** An answer with a body and its length. */
  static void say(OutputStream out, String status, String headers, byte[] body) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("HTTP/1.1 " + status);
    if (!headers.isEmpty()) {
      lines.add(headers);
    }
    lines.add("Connection: close");
    lines.add("Content-Length: " + body.length);
    out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1));
    out.write(body);
  }

  /** One without a body. */
  static void say(OutputStream out, String status, String headers) throws IOException {
    say(out, status, headers, new byte[0]);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
