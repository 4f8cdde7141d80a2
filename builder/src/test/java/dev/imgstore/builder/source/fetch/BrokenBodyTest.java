package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that break off, drip, stall, or are longer or other than they say. */
@Timeout(60)
final class BrokenBodyTest extends TwoMirrors {
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
}
