package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.model.Digest;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FetcherTest {
  private static final byte[] FILE = random(1, 100_000);
  private static final byte[] OTHER = random(2, 100_000);
  private static final String GET = "GET /debian/pool/a.deb HTTP/1.1";

  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  private final MemoryBlobStore store = new MemoryBlobStore();
  private final Fetcher fetcher = fetcher(Duration.ofSeconds(20));
  private FaultyMirror one;
  private FaultyMirror two;

  @BeforeEach
  void open() throws IOException {
    one = new FaultyMirror();
    two = new FaultyMirror();
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    two.close();
  }

  private static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Connections connections(Duration stall, LongSupplier nanos) {
    return new Connections(
        new Proxies("", Map.of()),
        Accounts.NONE,
        new Patience(
            Duration.ofSeconds(20),
            stall,
            Duration.ofSeconds(20),
            pauses::add,
            Patience.TRIES,
            nanos));
  }

  private Fetcher fetcher(Duration stall) {
    return new Fetcher(connections(stall, System::nanoTime));
  }

  private void fetch() throws IOException {
    fetch(fetcher, one.uri(), two.uri());
  }

  private void fetch(Fetcher with, URI... mirrors) throws IOException {
    Digest digest = Digest.of(FILE);
    with.fetch("a 1.0", List.of(mirrors), "pool/a.deb", digest, FILE.length, store);
    assertArrayEquals(FILE, store.read(digest, FILE.length));
  }

  private static void assertHas(String part, Exception failure) {
    assertTrue(String.valueOf(failure.getMessage()).contains(part), failure.getMessage());
  }

  @Test
  void whatFailedFirstIsToldOnceWhenAnotherHelps() throws IOException {
    List<String> told = new ArrayList<>();
    Fetcher telling = new Fetcher(connections(Duration.ofSeconds(20), System::nanoTime), told::add);
    for (int i = 0; i < 2; i++) {
      one.then(FaultyMirror.status(404));
      two.then(FaultyMirror.whole(FILE));
      fetch(telling, one.uri(), two.uri());
    }
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.get(0).contains("it answers 404"), told.get(0));
    one.then(FaultyMirror.whole(OTHER));
    two.then(FaultyMirror.whole(FILE));
    fetch(telling, one.uri(), two.uri());
    assertEquals(2, told.size(), told::toString);
  }

  private List<String> toldOfThreeFiles(FaultyMirror.Answer... answers) throws IOException {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    Duration little = Duration.ofMillis(200);
    Patience hasty =
        new Patience(
            little, little, Duration.ofSeconds(20), pauses::add, Patience.TRIES, System::nanoTime);
    Fetcher telling =
        new Fetcher(new Connections(new Proxies("", Map.of()), Accounts.NONE, hasty), told::add);
    one.then(answers);
    for (long seed = 10; seed < 13; seed++) {
      byte[] file = random(seed, 100);
      two.then(FaultyMirror.whole(file));
      URI[] mirrors = {one.uri(), two.uri()};
      telling.fetch("a", List.of(mirrors), "a", Digest.of(file), file.length, store);
      assertTrue(store.has(Digest.of(file)));
    }
    return told;
  }

  @Test
  void aSilentMirrorIsToldOnceAndThenAskedLast() throws IOException {
    List<String> told = toldOfThreeFiles(one.silence(), one.silence(), one.silence());
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.get(0).matches(".*imed out; 127.0.0.1:[0-9]+ helped"), told::toString);
    assertEquals(3, one.requests().size());
    assertEquals(3, two.requests().size());
  }

  @Test
  void aMirrorOfWrongBytesIsToldOnceAndThenAskedLast() throws IOException {
    List<String> told = toldOfThreeFiles(FaultyMirror.whole(random(9, 100)));
    assertEquals(1, told.size(), told::toString);
    assertEquals(1, one.requests().size());
  }

  @Test
  void aMirrorThatLacksFilesIsToldOnceAndAskedForTheNext() throws IOException {
    byte[] page = random(9, 50);
    List<String> told =
        toldOfThreeFiles(
            FaultyMirror.status(404), FaultyMirror.whole(page), FaultyMirror.status(404));
    assertEquals(2, told.size(), told::toString);
    assertEquals(3, one.requests().size());
  }

  /** Maven's repositories, for instance, are asked in an order that is not ours. */
  @Test
  void whoFailedWhereAnotherHelpedIsAskedOnceAndNotWaitedFor() throws IOException {
    URI address = one.uri().resolve("x");
    one.then(FaultyMirror.status(503), FaultyMirror.status(503), FaultyMirror.status(503));
    assertThrows(IOException.class, () -> fetcher.small("x", address, 100));
    IOException failure = assertThrows(IOException.class, () -> fetcher.small("x", address, 100));
    assertEquals(4, one.requests().size(), "who helped nobody is asked again, with patience");
    one.then(FaultyMirror.status(503), FaultyMirror.status(503), FaultyMirror.status(503));
    IOException busy = assertThrows(IOException.class, () -> fetcher.small("x", address, 100));
    fetcher.helped(Fetcher.complaints(busy), two.uri());
    one.then(FaultyMirror.status(503));
    assertThrows(IOException.class, () -> fetcher.small("x", address, 100));
    assertEquals(8, one.requests().size());
    assertHas("it answers 404", failure);
  }

  private Fetcher.Taken take(Digest... expected) throws IOException {
    List<URI> both = List.of(one.uri().resolve("x.tar"), two.uri().resolve("x.tar"));
    return fetcher.take("x", both, List.of(expected), 200_000, store);
  }

  @Test
  void aFileOfUnknownSizeIsTakenFromTheFirstThatGivesIt() throws IOException {
    one.then(FaultyMirror.status(429), FaultyMirror.unmeasured(FILE));
    assertEquals(new Fetcher.Taken(Digest.of(FILE), FILE.length, 0), take());
    assertArrayEquals(FILE, store.read(Digest.of(FILE), FILE.length));
    assertEquals(List.of(), two.requests());
  }

  @Test
  void aFileThatIsNotWhatItMustBeIsTakenFromTheNext() throws IOException {
    one.then(FaultyMirror.whole(OTHER));
    two.then(FaultyMirror.whole(FILE));
    assertEquals(1, take(Digest.of(FILE)).mirror());
    one.then(FaultyMirror.whole(OTHER));
    two.then(FaultyMirror.status(404));
    Untrusted wrong = assertThrows(Untrusted.class, () -> take(Digest.of(FILE)));
    assertHas("it should be " + Digest.of(FILE), wrong);
  }

  @Test
  void aFileThatBreaksOffOrIsTooLargeIsTakenFromTheNext() throws IOException {
    byte[] large = random(3, 200_001);
    one.then(FaultyMirror.unmeasured(large));
    two.then(FaultyMirror.cut(FILE, 500), FaultyMirror.cut(FILE, 70_000), FaultyMirror.whole(FILE));
    assertEquals(Digest.of(FILE), take().digest());
    assertEquals(3, two.requests().size());
  }

  /**
   * A clock that goes ten seconds further each time somebody looks, so often: a reader looks before
   * and after each of its reads, and no read gets more than 8 KiB.
   */
  private static LongSupplier slowly(int times) {
    AtomicLong looks = new AtomicLong();
    return () -> Math.min(looks.incrementAndGet(), times) * 10_000_000_000L;
  }

  @Test
  void aServerThatDripsIsLeftForTheNext() throws IOException {
    Fetcher hasty = new Fetcher(connections(Duration.ofSeconds(20), slowly(Integer.MAX_VALUE)));
    one.then(FaultyMirror.whole(FILE));
    two.then(FaultyMirror.whole(FILE));
    IOException slow = assertThrows(IOException.class, () -> fetch(hasty, one.uri(), two.uri()));
    assertHas("it gives less than 1024 bytes in a second", slow);
    assertEquals(1, one.requests().size(), "it is not asked again");
  }

  @Test
  void aFileOfUnknownSizeThatDripsIsTakenFromTheNext() throws IOException {
    Fetcher hasty = new Fetcher(connections(Duration.ofSeconds(20), slowly(6)));
    one.then(FaultyMirror.whole(FILE));
    two.then(FaultyMirror.whole(FILE));
    List<URI> both = List.of(one.uri().resolve("x"), two.uri().resolve("x"));
    assertEquals(1, hasty.take("x", both, List.of(), 200_000, store).mirror());
    assertEquals(1, one.requests().size(), "it is not asked again");
  }

  @Test
  void anAnswerThatNeverBeginsIsLeftForTheNext() throws IOException {
    Patience short1 =
        new Patience(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(300),
            pauses::add,
            Patience.TRIES,
            System::nanoTime);
    Fetcher hasty = new Fetcher(new Connections(new Proxies("", Map.of()), Accounts.NONE, short1));
    one.then(one.silent("HTTP/1.1 200 OK\r\nX-Slow: "));
    two.then(FaultyMirror.whole(FILE));
    fetch(hasty, one.uri(), two.uri());
    one.then(one.silent("HTTP/1.1 200 OK\r\nX-Slow: "));
    IOException late = assertThrows(IOException.class, () -> fetch(hasty, one.uri()));
    assertHas("it does not answer in time", late);
  }

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
  void aCutConnectionIsTakenUpWhereItBroke() throws IOException {
    one.then(FaultyMirror.cut(FILE, 30_000), FaultyMirror.part(FILE));
    fetch();
    assertEquals(List.of(GET, GET + " from 30000"), one.requests());
  }

  @Test
  void aServerThatIgnoresTheRangeIsReadFromTheStart() throws IOException {
    one.then(FaultyMirror.cut(FILE, 30_000), FaultyMirror.whole(FILE));
    fetch();
    assertEquals(2, one.requests().size());
  }

  @Test
  void aServerThatDripsWhatItSentBeforeIsLeftForTheNext() throws IOException {
    AtomicLong looks = new AtomicLong();
    LongSupplier nanos =
        () -> (one.requests().size() < 2 ? looks.get() : looks.incrementAndGet()) * 10_000_000_000L;
    one.then(FaultyMirror.cut(FILE, 99_999), FaultyMirror.whole(FILE));
    two.then(FaultyMirror.part(FILE));
    fetch(new Fetcher(connections(Duration.ofSeconds(20), nanos)), one.uri(), two.uri());
    assertEquals(List.of(GET + " from 99999"), two.requests());
  }

  @Test
  void theNextMirrorGoesOnWhereTheFirstBroke() throws IOException {
    one.then(FaultyMirror.cut(FILE, 30_000));
    two.then(FaultyMirror.part(FILE));
    fetch();
    assertEquals(List.of(GET + " from 30000"), two.requests());
  }

  @Test
  void anotherPartThanAskedForIsNotTaken() throws IOException {
    one.then(
        FaultyMirror.cut(FILE, 30_000),
        (request, out) ->
            FaultyMirror.part(FILE).to(new FaultyMirror.Request(request.line(), 20_000), out));
    two.then(FaultyMirror.part(FILE));
    fetch();
    assertEquals(1, two.requests().size());
  }

  @Test
  void aFileOfAnotherLengthIsNotRead() throws IOException {
    one.then(FaultyMirror.whole(Arrays.copyOf(FILE, 5000)));
    two.then(FaultyMirror.whole(FILE));
    fetch();
    one.then(FaultyMirror.whole(Arrays.copyOf(FILE, 200_000)));
    two.then(FaultyMirror.status(404));
    IOException failure = assertThrows(IOException.class, this::fetch);
    assertHas("200000 bytes instead of 100000", failure);
  }

  /** For instance the page of a captive portal: its start must not become part of the file. */
  @Test
  void bytesOfNoKnownLengthDoNotSpoilTheNextMirrors() throws IOException {
    byte[] page = "<html>pay first</html>".getBytes(StandardCharsets.UTF_8);
    one.then(FaultyMirror.unmeasured(page), FaultyMirror.unmeasured(page));
    two.then(FaultyMirror.part(FILE), FaultyMirror.part(FILE));
    fetch();
    assertEquals(List.of(GET + " from " + page.length, GET), two.requests());
  }

  @Test
  void tooManyBytesAreNotTaken() throws IOException {
    one.then(FaultyMirror.unmeasured(Arrays.copyOf(FILE, 200_000)));
    two.then(FaultyMirror.whole(FILE));
    fetch();
    assertEquals(1, one.requests().size());
  }

  @Test
  void aStalledBodyIsGivenUp() throws IOException {
    one.then(one.stall(FILE, 30_000), FaultyMirror.part(FILE));
    fetch(fetcher(Duration.ofMillis(200)), one.uri());
    assertEquals(List.of(GET, GET + " from 30000"), one.requests());
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
