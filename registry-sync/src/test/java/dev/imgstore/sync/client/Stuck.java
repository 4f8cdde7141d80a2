package dev.imgstore.sync.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A registry that takes requests without a body, and never reads one. */
final class Stuck implements AutoCloseable {
  private final ServerSocket listener;
  private final FaultServer.Script script;
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  Stuck(FaultServer.Script script) throws IOException {
    this.script = script;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::listen, "stuck-server");
    thread.setDaemon(true);
    thread.start();
  }

  String host() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private void listen() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        FaultServer.Asked asked = FaultServer.read(socket.getInputStream(), false);
        if (!asked.line().startsWith("PUT")) {
          try (socket) {
            script.answer(asked, socket.getOutputStream());
          }
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
