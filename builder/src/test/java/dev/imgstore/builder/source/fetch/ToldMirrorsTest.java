package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mirror that failed is told once, and asked last from then on. */
@Timeout(60)
final class ToldMirrorsTest extends TwoMirrors {
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
}
