package dev.imgstore.sync.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose memory is short for a moment goes on afterwards. */
@Timeout(20)
final class ConnectionsTest {
  private static final class Forgetful extends ServerSocket {
    private boolean isOver;

    Forgetful() throws IOException {
      super(0, 8, InetAddress.getLoopbackAddress());
    }

    @Override
    public Socket accept() throws IOException {
      if (!isOver) {
        isOver = true;
        throw new OutOfMemoryError("a test");
      }
      return super.accept();
    }
  }

  private static final class Nothing implements Connection.Answers {
    @Override
    public void answer(Call call) throws IOException, HttpException {
      call.empty(204);
    }

    @Override
    public void refuse(Call call) throws IOException, HttpException {
      call.empty(503);
    }

    @Override
    public boolean isQuick(Call call) {
      return false;
    }
  }

  @Test
  void anErrorLeavesNeitherADeafServerNorOneWithoutAClock() throws Exception {
    CountDownLatch looks = new CountDownLatch(3);
    ServerSocket socket = new Forgetful();
    try (Connections connections =
        new Connections(socket, Shop.SMALL, Encryption.NONE, new Nothing())) {
      connections.start(
          () -> {
            looks.countDown();
            throw new OutOfMemoryError("a test");
          });
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), socket.getLocalPort())) {
        client.setSoTimeout(10_000);
        client.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
        byte[] answer = client.getInputStream().readNBytes(12);
        assertEquals("HTTP/1.1 204", new String(answer, ISO_8859_1));
      }
      assertTrue(looks.await(10, TimeUnit.SECONDS));
    }
  }
}
