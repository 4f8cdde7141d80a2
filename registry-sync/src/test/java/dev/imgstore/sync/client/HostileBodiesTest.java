package dev.imgstore.sync.client;

import static dev.imgstore.sync.client.FaultServer.say;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Heads and bodies that are cut, wrong, drip, or have no end. */
@Timeout(30)
final class HostileBodiesTest extends HostileRegistry {
  @Test
  void aDownloadThatIsCutGoesOnWhereItStopped() throws IOException {
    FaultServer.Script script =
        (asked, out) -> {
          String range = asked.header("Range").replaceAll("[^0-9]", "");
          int from = range.isEmpty() ? 0 : Integer.parseInt(range);
          String head =
              (from == 0
                      ? "HTTP/1.1 200 OK\r\n"
                      : "HTTP/1.1 206 Part\r\nContent-Range: bytes "
                          + from
                          + "-"
                          + (BLOB.length - 1)
                          + "/"
                          + BLOB.length
                          + "\r\n")
                  + "Content-Length: "
                  + (BLOB.length - from)
                  + "\r\n\r\n";
          out.write(head.getBytes(ISO_8859_1));
          out.write(BLOB, from, Math.min(120_000, BLOB.length - from));
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server)) {
      read(registry);
      assertEquals(3, server.asked().size());
      assertEquals("bytes=120000-", server.asked().get(1).header("Range"));
    }
  }

  @Test
  void aDownloadWithoutRangesIsReadAgainFromItsBeginning() throws IOException {
    AtomicInteger count = new AtomicInteger();
    FaultServer.Script script =
        (asked, out) -> {
          out.write(
              ("HTTP/1.1 200 OK\r\nContent-Length: " + BLOB.length + "\r\n\r\n")
                  .getBytes(ISO_8859_1));
          out.write(BLOB, 0, count.getAndIncrement() == 0 ? 5000 : BLOB.length);
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server)) {
      read(registry);
      assertEquals(2, count.get());
    }
  }

  @Test
  void wrongBytesAndLengthsAreRefused() throws IOException {
    byte[] other = BLOB.clone();
    other[BLOB.length - 1]++;
    for (byte[] sent : List.of(other, new byte[10], new byte[BLOB.length + 1])) {
      try (FaultServer server = new FaultServer((asked, out) -> say(out, "200 OK", "", sent));
          Registry registry = open(server)) {
        refused(Kind.WRONG, () -> read(registry));
      }
    }
  }

  /** Chunks without an end, of this. */
  private static void endless(OutputStream out, String head, byte[] chunk) throws IOException {
    out.write((head + "Transfer-Encoding: chunked\r\n\r\n").getBytes(ISO_8859_1));
    while (true) {
      out.write((Integer.toHexString(chunk.length) + "\r\n").getBytes(ISO_8859_1));
      out.write(chunk);
      out.write("\r\n".getBytes(ISO_8859_1));
    }
  }

  @Test
  void endlessBodiesEnd() throws IOException {
    byte[] chunk = new byte[1 << 16];
    for (String status :
        List.of("200 OK", "400 No", "404 None", "401 No", "500 Oh", "302 There\r\nLocation: /b")) {
      try (FaultServer server =
              new FaultServer((asked, out) -> endless(out, "HTTP/1.1 " + status + "\r\n", chunk));
          Registry registry = open(server)) {
        if (status.startsWith("404")) {
          assertTrue(registry.manifest("1").isEmpty());
        } else {
          assertThrows(RegistryException.class, () -> registry.manifest("1"), status);
        }
        assertThrows(RegistryException.class, registry::tags, status);
        assertThrows(RegistryException.class, () -> read(registry), status);
      }
    }
  }

  @Test
  void hugeHeadersAreRefused() throws IOException {
    FaultServer.Script lines =
        (asked, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(ISO_8859_1));
          while (true) {
            out.write("X-A: b\r\n".getBytes(ISO_8859_1));
          }
        };
    FaultServer.Script line =
        (asked, out) -> {
          out.write("HTTP/1.1 200 OK\r\nX-A: ".getBytes(ISO_8859_1));
          while (true) {
            out.write('a');
          }
        };
    FaultServer.Script interim =
        (asked, out) -> {
          while (true) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
          }
        };
    for (FaultServer.Script script : List.of(lines, line, interim)) {
      try (FaultServer server = new FaultServer(script);
          Registry registry = open(server)) {
        refused(Kind.UNAVAILABLE, () -> registry.head("1"));
      }
    }
  }

  /** One byte in a while, for ever. */
  private static void drip(OutputStream out) throws IOException {
    Object nobody = new Object();
    synchronized (nobody) {
      try {
        while (true) {
          out.write('a');
          out.flush();
          nobody.wait(100);
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  @Test
  void dripsOfHeadersAndBodiesEnd() throws IOException {
    FaultServer.Script header =
        (asked, out) -> {
          out.write("HTTP/1.1 200 OK\r\nX-A: ".getBytes(ISO_8859_1));
          drip(out);
        };
    FaultServer.Script body =
        (asked, out) -> {
          out.write(
              ("HTTP/1.1 200 OK\r\nContent-Length: " + BLOB.length + "\r\n\r\n")
                  .getBytes(ISO_8859_1));
          drip(out);
        };
    for (FaultServer.Script script : List.of(header, body)) {
      try (FaultServer server = new FaultServer(script);
          Registry registry = open(server)) {
        assertTrue(refused(Kind.UNAVAILABLE, () -> read(registry)).contains("too slow"));
      }
    }
  }

  @Test
  void anUploadThatNobodyTakesEnds() throws IOException {
    byte[] large = new byte[64 << 20];
    FaultServer.Script script =
        (asked, out) -> {
          if (asked.line().startsWith("HEAD")) {
            say(out, "404 None", "");
          } else {
            say(out, "202 Go", "Location: /stuck");
          }
        };
    try (Stuck stuck = new Stuck(script);
        Registry registry =
            RegistryClients.writing(
                ImageName.parse(stuck.host() + "/a"),
                Settings.of(List.of(), "", Settings.IMPATIENT))) {
      refused(
          Kind.UNAVAILABLE,
          () ->
              registry.upload(
                  DockerRegistryTest.described(large), () -> new ByteArrayInputStream(large)));
    }
  }

  @Test
  void endlessListsEnd() throws IOException {
    AtomicInteger page = new AtomicInteger();
    FaultServer.Script fresh =
        (asked, out) -> {
          int n = page.incrementAndGet();
          String link = "Link: </v2/a/tags/list?last=" + n + ">; rel=\"next\"";
          say(out, "200 OK", link, ("{\"tags\": [\"t" + n + "\"]}").getBytes(UTF_8));
        };
    FaultServer.Script same =
        (asked, out) ->
            say(
                out,
                "200 OK",
                "Link: <" + asked.line().split(" ", -1)[1] + ">; rel=\"next\"",
                "{\"tags\": [\"a\"]}".getBytes(UTF_8));
    FaultServer.Script elsewhere =
        (asked, out) ->
            say(
                out,
                "200 OK",
                "Link: <https://example.invalid/v2/>; rel=\"next\"",
                "{\"tags\": [\"a\"]}".getBytes(UTF_8));
    for (FaultServer.Script script : List.of(fresh, same, elsewhere)) {
      try (FaultServer server = new FaultServer(script);
          Registry registry = open(server)) {
        refused(Kind.WRONG, registry::tags);
      }
    }
  }
}
