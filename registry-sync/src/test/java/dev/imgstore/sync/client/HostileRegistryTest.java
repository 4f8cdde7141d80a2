package dev.imgstore.sync.client;

import static dev.imgstore.sync.client.FaultServer.say;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Registries that fail, lie, or mean harm: each ends in time, with a reason and no secret in it.
 */
@Timeout(30)
final class HostileRegistryTest extends HostileRegistry {
  @Test
  void aLoopOfChallengesEnds() throws IOException {
    try (FaultServer server =
            new FaultServer(
                (asked, out) -> say(out, "401 No", "WWW-Authenticate: Basic realm=\"a\""));
        Registry registry = open(server, withPassword(server))) {
      assertFalse(refused(Kind.DENIED, () -> registry.head("1")).contains("hidden"));
      assertEquals(2, server.asked().size());
    }
  }

  @Test
  void aLoopOfTokensEnds() throws IOException {
    List<FaultServer> self = new ArrayList<>();
    AtomicInteger tokens = new AtomicInteger();
    FaultServer.Script script =
        (asked, out) -> {
          if (asked.line().startsWith("GET /token")) {
            String token = "{\"token\": \"t" + tokens.incrementAndGet() + "\"}";
            say(out, "200 OK", "", token.getBytes(UTF_8));
          } else {
            String realm = "http://" + self.get(0).host() + "/token";
            say(out, "401 No", "WWW-Authenticate: Bearer realm=\"" + realm + "\",service=\"s\"");
          }
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server)) {
      self.add(server);
      refused(Kind.DENIED, () -> registry.head("1"));
      assertTrue(tokens.get() <= 3, () -> tokens + " tokens");
    }
  }

  @Test
  void aChallengeThatLeadsOutOfTlsOrNowhereIsRefused() throws IOException {
    for (String realm :
        List.of("http://example.invalid/token", "file:///etc/passwd", "https://u:p@e.invalid/")) {
      try (FaultServer server =
              new FaultServer(
                  (asked, out) ->
                      say(out, "401 No", "WWW-Authenticate: Bearer realm=\"" + realm + "\""));
          Registry registry = open(server, withPassword(server))) {
        refused(Kind.WRONG, () -> registry.head("1"));
      }
    }
  }

  @Test
  void whatIsBusyIsAskedAgainAsLaterAsItSays() throws IOException {
    List<Duration> waits = new ArrayList<>();
    Patience usual = Settings.IMPATIENT;
    Patience noting =
        new Patience(
            usual.connect(),
            usual.stall(),
            usual.window(),
            usual.waiting(),
            4,
            waits::add,
            usual.nanos());
    AtomicInteger count = new AtomicInteger();
    FaultServer.Script script =
        (asked, out) -> {
          switch (count.getAndIncrement()) {
            case 0 -> say(out, "429 Slow", "Retry-After: 7");
            case 1 ->
                say(
                    out,
                    "503 Busy",
                    "Date: Sat, 21 Nov 2026 10:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 10:00:09 GMT");
            default -> say(out, "200 OK", "", BLOB);
          }
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server, Settings.of(List.of(), "", noting))) {
      read(registry);
      assertEquals(List.of(Duration.ofSeconds(7), Duration.ofSeconds(9)), waits);
    }
  }

  @Test
  void whoAsksToBeWaitedForTooLongIsGivenUp() throws IOException {
    try (FaultServer server =
            new FaultServer((asked, out) -> say(out, "429 Slow", "Retry-After: 999999999"));
        Registry registry = open(server)) {
      refused(Kind.UNAVAILABLE, () -> registry.head("1"));
      assertEquals(1, server.asked().size());
    }
  }

  @Test
  void whatAlwaysFailsIsGivenUp() throws IOException {
    try (FaultServer server = new FaultServer((asked, out) -> say(out, "500 Oh", ""));
        Registry registry = open(server)) {
      refused(Kind.UNAVAILABLE, () -> registry.head("1"));
      refused(Kind.UNAVAILABLE, () -> registry.put(DockerRegistryTest.image(""), "1"));
      refused(
          Kind.UNAVAILABLE, () -> registry.upload(DESCRIBED, () -> new ByteArrayInputStream(BLOB)));
      assertTrue(server.asked().size() <= 20, () -> server.asked().size() + " requests");
    }
  }

  @Test
  void aManifestThatIsNotItsDigestIsRefused() throws IOException {
    byte[] bytes = DockerRegistryTest.image("").bytes();
    String header = "Docker-Content-Digest: " + Digest.of(BLOB);
    try (FaultServer server = new FaultServer((asked, out) -> say(out, "200 OK", header, bytes));
        Registry registry = open(server)) {
      refused(Kind.WRONG, () -> registry.manifest("1"));
      refused(Kind.WRONG, () -> registry.manifest(Digest.of(BLOB).toString()));
      refused(Kind.WRONG, () -> registry.put(DockerRegistryTest.image(""), "1"));
    }
  }

  @Test
  void pagesAreReadOneAfterTheOther() throws IOException {
    FaultServer.Script script =
        (asked, out) -> {
          boolean first = !asked.line().contains("last=");
          String link = first ? "Link: </v2/a/tags/list?last=b&n=2>; rel=\"next\"" : "X-No: link";
          String tags = first ? "{\"tags\": [\"a\", \"b\"]}" : "{\"tags\": [\"c\"]}";
          say(out, "200 OK", link, tags.getBytes(UTF_8));
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server)) {
      assertEquals(List.of("a", "b", "c"), registry.tags());
    }
  }

  @Test
  void aRedirectToAnotherHostLosesTheCredentials() throws IOException {
    try (FaultServer other = new FaultServer((asked, out) -> say(out, "200 OK", "", BLOB))) {
      FaultServer.Script script =
          (asked, out) -> {
            if (asked.header("Authorization").isEmpty()) {
              say(out, "401 No", "WWW-Authenticate: Basic realm=\"a\"");
            } else {
              say(out, "307 There", "Location: http://" + other.host() + "/signed?key=abc");
            }
          };
      try (FaultServer server = new FaultServer(script);
          Registry registry = open(server, withPassword(server))) {
        read(registry);
        assertFalse(server.asked().get(1).header("Authorization").isEmpty());
        assertEquals("", other.asked().get(0).header("Authorization"));
      }
    }
  }

  @Test
  void whatIsSentIsNotLedElsewhere() throws IOException {
    try (FaultServer other = new FaultServer((asked, out) -> say(out, "201 Took", ""));
        FaultServer server =
            new FaultServer(
                (asked, out) -> say(out, "307 There", "Location: http://" + other.host() + "/"));
        Registry registry = open(server)) {
      refused(Kind.WRONG, () -> registry.put(DockerRegistryTest.image(""), "1"));
      assertEquals(0, other.asked().size());
    }
  }

  @Test
  void loopsOfRedirectsAndBadOnesEnd() throws IOException {
    for (String to :
        List.of("/again", "http://example.invalid/", "ftp://a/", "http://u:p@127.0.0.1/", ":::")) {
      try (FaultServer server =
              new FaultServer((asked, out) -> say(out, "302 There", "Location: " + to));
          Registry registry = open(server)) {
        String said = refused(Kind.WRONG, () -> registry.manifest("1"));
        assertFalse(said.contains("u:p"), said);
        assertTrue(server.asked().size() <= 6, () -> server.asked().size() + " requests");
      }
    }
  }

  @Test
  void aPasswordThatIsSentBackIsNotShown() throws IOException {
    FaultServer.Script script =
        (asked, out) -> {
          String sent = asked.header("Authorization");
          if (sent.isEmpty()) {
            say(out, "401 No", "WWW-Authenticate: Basic realm=\"a\"");
          } else {
            String body =
                "{\"errors\": [{\"code\": \"X\\u001b[2J\", \"message\": \"hidden " + sent + "\"}]}";
            say(out, "400 No", "", body.getBytes(UTF_8));
          }
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server, withPassword(server))) {
      String said = refused(Kind.REFUSED, () -> registry.manifest("1"));
      assertFalse(said.contains("hidden"), said);
      assertFalse(said.contains(server.asked().get(1).header("Authorization").substring(6)), said);
      assertFalse(said.contains("\u001b"), said);
    }
  }

  @Test
  void anUploadBeginsAgainAfterItWasCut() throws IOException {
    AtomicInteger puts = new AtomicInteger();
    FaultServer.Script script =
        (asked, out) -> {
          if (asked.line().startsWith("HEAD")) {
            say(out, "404 None", "");
          } else if (asked.line().startsWith("POST")) {
            say(out, "202 Go", "Location: /v2/a/blobs/uploads/" + puts + "?_state=x");
          } else if (puts.incrementAndGet() > 2) {
            say(out, "201 Took", "");
          }
        };
    try (FaultServer server = new FaultServer(script);
        Registry registry = open(server)) {
      registry.upload(DESCRIBED, () -> new ByteArrayInputStream(BLOB));
      assertEquals(3, puts.get());
      FaultServer.Asked last = server.asked().get(server.asked().size() - 1);
      assertEquals(BLOB.length, last.body());
      assertTrue(last.line().contains("?_state=x&digest=sha256:"), last::line);
    }
  }

  @Test
  void nonsenseIsNoManifestAndNoList() throws IOException {
    try (FaultServer server =
            new FaultServer((asked, out) -> say(out, "200 OK", "", "nonsense".getBytes(UTF_8)));
        Registry registry = open(server)) {
      refused(Kind.WRONG, registry::tags);
      refused(Kind.WRONG, () -> registry.referrers(Digest.of(BLOB), ""));
      Manifest read = registry.manifest("1").orElseThrow(); // who reads it, says what it is
      assertArrayEquals("nonsense".getBytes(UTF_8), read.bytes());
    }
  }
}
