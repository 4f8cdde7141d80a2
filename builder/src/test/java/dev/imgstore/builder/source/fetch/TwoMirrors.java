package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two mirrors that fail as they are told, and a fetcher that does not wait. */
abstract class TwoMirrors {
  static final byte[] FILE = random(1, 100_000);
  static final byte[] OTHER = random(2, 100_000);
  static final String GET = "GET /debian/pool/a.deb HTTP/1.1";
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  final MemoryBlobStore store = new MemoryBlobStore();
  final Fetcher fetcher = fetcher(Duration.ofSeconds(20));
  FaultyMirror one;
  FaultyMirror two;

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

  static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  Connections connections(Duration stall, LongSupplier nanos) {
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

  Fetcher fetcher(Duration stall) {
    return new Fetcher(connections(stall, System::nanoTime));
  }

  void fetch() throws IOException {
    fetch(fetcher, one.uri(), two.uri());
  }

  void fetch(Fetcher with, URI... mirrors) throws IOException {
    Digest digest = Digest.of(FILE);
    with.fetch("a 1.0", List.of(mirrors), "pool/a.deb", digest, FILE.length, store);
    assertArrayEquals(FILE, store.read(digest, FILE.length));
  }

  static void assertHas(String part, Exception failure) {
    assertTrue(String.valueOf(failure.getMessage()).contains(part), failure.getMessage());
  }

  Fetcher.Taken take(Digest... expected) throws IOException {
    List<URI> both = List.of(one.uri().resolve("x.tar"), two.uri().resolve("x.tar"));
    return fetcher.take("x", both, List.of(expected), 200_000, store);
  }
}
