package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From which mirror a file comes, and what is said if from none. */
@Timeout(60)
final class FetcherTest extends TwoMirrors {
  @Test
  void whereNobodyHasIt() {
    IOException absent = assertThrows(IOException.class, this::take);
    assertHas("no mirror gives x (", absent);
    assertHas("it answers 404", absent);
  }

  @Test
  void aMirrorWithoutTheFileIsPassedOver() throws IOException {
    one.then(FaultyMirror.status(404));
    two.then(FaultyMirror.whole(FILE));
    fetch();
    assertEquals(List.of(GET), one.requests());
    assertEquals(List.of(), pauses);
  }

  @Test
  void aBusyMirrorIsAskedAgainWhenItSays() throws IOException {
    one.then(
        FaultyMirror.status(429, "Retry-After: 7"),
        FaultyMirror.status(503, "Retry-After: 3600"),
        FaultyMirror.whole(FILE));
    fetch();
    assertEquals(List.of(Duration.ofSeconds(7), Duration.ofSeconds(10)), pauses);
    assertEquals(List.of(), two.requests());
  }

  @Test
  void threeFailuresAreEnough() throws IOException {
    one.then(FaultyMirror.status(500), FaultyMirror.status(500), FaultyMirror.status(500));
    two.then(FaultyMirror.whole(FILE));
    fetch();
    assertEquals(3, one.requests().size());
    assertEquals(List.of(Duration.ofMillis(300), Duration.ofMillis(1200)), pauses);
  }

  @Test
  void wrongBytesOfOneMirrorAreRightFromAnother() throws IOException {
    one.then(FaultyMirror.whole(OTHER));
    two.then(FaultyMirror.whole(FILE));
    fetch();
  }

  @Test
  void aStartOfWrongBytesDoesNotSpoilARightMirror() throws IOException {
    one.then(FaultyMirror.cut(OTHER, 30_000));
    two.then(FaultyMirror.part(FILE), FaultyMirror.part(FILE));
    fetch();
  }

  @Test
  void wrongBytesFromAllIsOneSentence() {
    one.then(FaultyMirror.whole(OTHER));
    two.then(FaultyMirror.whole(OTHER));
    Untrusted failure = assertThrows(Untrusted.class, this::fetch);
    assertEquals(
        "a 1.0 is not trusted: it should be "
            + Digest.of(FILE)
            + ", but 127.0.0.1:"
            + one.uri().getPort()
            + " gives "
            + Digest.of(OTHER)
            + "; 127.0.0.1:"
            + two.uri().getPort()
            + " gives "
            + Digest.of(OTHER),
        failure.getMessage());
    assertFalse(store.has(Digest.of(FILE)));
  }

  @Test
  void aFileNobodyHasIsOneSentence() {
    two.then(FaultyMirror.status(403));
    IOException failure = assertThrows(Fetcher.FailedEverywhere.class, this::fetch);
    assertEquals(
        "no mirror gives pool/a.deb (127.0.0.1:"
            + one.uri().getPort()
            + ": it answers 404; 127.0.0.1:"
            + two.uri().getPort()
            + ": it answers 403)",
        failure.getMessage());
  }

  @Test
  void passwordsAreSentAndNotTold() throws IOException {
    URI withPassword = URI.create(one.uri().toString().replace("//", "//me:secret@"));
    one.then(FaultyMirror.whole(OTHER));
    Untrusted failure = assertThrows(Untrusted.class, () -> fetch(fetcher, withPassword));
    assertFalse(String.valueOf(failure.getMessage()).contains("secret"), failure.getMessage());
    assertEquals(List.of(GET + " as Basic bWU6c2VjcmV0"), one.requests());
  }

  @Test
  void redirectsAreFollowedButNotForEver() throws IOException {
    one.then(
        FaultyMirror.status(302, "Location: /elsewhere"),
        FaultyMirror.status(307, "Location: " + two.uri() + "b"));
    two.then(FaultyMirror.whole(FILE));
    fetch();
    assertEquals("GET /elsewhere HTTP/1.1", one.requests().get(1));
    assertEquals("GET /debian/b HTTP/1.1", two.requests().get(0));
    for (int i = 0; i < 10; i++) {
      one.then(FaultyMirror.status(301, "Location: /round"));
    }
    IOException failure = assertThrows(IOException.class, () -> fetch(fetcher, one.uri()));
    assertHas("it redirects more than 5 times", failure);
    assertEquals(List.of(), pauses);
  }

  @Test
  void schemesInCapitalsAreTheSame() throws IOException {
    String loud = two.uri().toString().replace("http:", "HTTP:");
    one.then(FaultyMirror.status(302, "Location: " + loud + "b"));
    two.then(FaultyMirror.whole(FILE), FaultyMirror.whole(FILE));
    fetch(fetcher, one.uri());
    fetch(fetcher, URI.create(loud));
    assertEquals(2, two.requests().size());
  }

  @Test
  void redirectsLeadNowhereElse() throws IOException {
    for (String to :
        List.of("file:///etc/passwd", "ftp://127.0.0.1/", "http:///x", "a b", "jar:file:/x!/y")) {
      one.then(FaultyMirror.status(302, "Location: " + to));
      IOException failure = assertThrows(IOException.class, () -> fetch(fetcher, one.uri()), to);
      assertHas("it redirects to", failure);
    }
    URI secure = URI.create("https://a.example/");
    assertEquals(
        "https://b.example/", Connections.redirected(secure, "https://b.example/").toString());
    assertHas(
        "from https to http",
        assertThrows(IOException.class, () -> Connections.redirected(secure, "http://a.example/")));
  }

  @Test
  void whatIsNoHttpIsAFailure() {
    one.then(FaultyMirror.raw("hello\r\n"), FaultyMirror.raw(""), FaultyMirror.raw("HTTP/1.1 "));
    assertThrows(Fetcher.FailedEverywhere.class, () -> fetch(fetcher, one.uri()));
  }

  @Test
  void pathsCannotLeaveTheirMirror() {
    URI mirror = URI.create("http://a.example/debian/");
    assertEquals(
        "http://a.example/debian/http%3A//b.example/x%20y%2B1%3F%23%25.deb",
        Connections.address(mirror, "http://b.example/x y+1?#%.deb").toString());
  }

  @Test
  void manyThreadsFetchAtOnce() throws Exception {
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      byte[] file = random(100 + i, 50_000);
      two.then(
          (request, out) -> FaultyMirror.whole(random(number(request), 50_000)).to(request, out));
      int number = 100 + i;
      work.add(
          () -> {
            fetcher.fetch(
                "n",
                List.of(one.uri(), two.uri()),
                "n" + number,
                Digest.of(file),
                file.length,
                store);
            return null;
          });
    }
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      for (Future<Void> each : pool.invokeAll(work)) {
        each.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static int number(FaultyMirror.Request request) {
    return Integer.parseInt(request.line().replaceAll(".*/n([0-9]+) .*", "$1"));
  }

  @Test
  void filesOfThisMachineMayBeMirrors(@TempDir Path directory) throws IOException {
    Path pool = Files.createDirectories(directory.resolve("a mirror/pool"));
    Files.write(pool.resolve("a.deb"), FILE);
    String path = directory.resolve("a mirror").toUri().getRawPath();
    fetch(fetcher, URI.create("file:" + path));
    fetch(fetcher, URI.create("copy://" + path));
    one.then(FaultyMirror.cut(FILE, 30_000));
    fetch(fetcher, one.uri(), URI.create("file:" + path));
    Files.delete(pool.resolve("a.deb"));
    IOException failure =
        assertThrows(IOException.class, () -> fetch(fetcher, URI.create("file:" + path)));
    assertHas("no mirror gives pool/a.deb", failure);
    assertHas("No such file", failure);
    Files.createDirectory(pool.resolve("a.deb"));
    assertThrows(IOException.class, () -> fetch(fetcher, URI.create("file:" + path)));
  }

  @Test
  void anInterruptEndsTheFetch() {
    one.then(FaultyMirror.status(503));
    Fetcher interrupted =
        new Fetcher(
            new Connections(
                new Proxies("", Map.of()),
                Accounts.NONE,
                new Patience(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    time -> {
                      throw new InterruptedException();
                    },
                    Patience.TRIES,
                    System::nanoTime)));
    assertThrows(InterruptedIOException.class, () -> fetch(interrupted, one.uri(), two.uri()));
    assertTrue(Thread.interrupted());
    assertEquals(List.of(), two.requests());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedIOException.class, this::fetch);
    assertTrue(Thread.interrupted());
  }

  @Test
  void filesOfUnknownLengthAreReadAgainWhole() throws IOException {
    one.then(FaultyMirror.cut(FILE, 30_000), FaultyMirror.whole(OTHER));
    assertArrayEquals(OTHER, fetcher.read(one.uri(), "InRelease", 1 << 20));
    assertEquals(2, one.requests().size());
    one.then(FaultyMirror.cut(FILE, 3), FaultyMirror.cut(FILE, 3), FaultyMirror.cut(FILE, 3));
    assertThrows(
        Fetcher.FailedEverywhere.class, () -> fetcher.read(one.uri(), "InRelease", 1 << 20));
    one.then(FaultyMirror.unmeasured(FILE));
    assertArrayEquals(FILE, fetcher.read(one.uri(), "InRelease", 1 << 20));
    one.then(FaultyMirror.whole(FILE));
    IOException failure =
        assertThrows(IOException.class, () -> fetcher.read(one.uri(), "InRelease", 99_999));
    assertHas("larger than 99999 bytes", failure);
  }
}
