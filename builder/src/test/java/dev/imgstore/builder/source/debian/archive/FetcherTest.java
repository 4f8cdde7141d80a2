package dev.imgstore.builder.source.debian.archive;

import static dev.imgstore.builder.source.debian.archive.TestMirror.cutAfter;
import static dev.imgstore.builder.source.debian.archive.TestMirror.status;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.model.Digest;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetcherTest {
  private static final byte[] FILE = new byte[100_000];

  static {
    new Random(1).nextBytes(FILE);
  }

  private final List<Duration> pauses = new ArrayList<>();
  private final Fetcher fetcher = new Fetcher(new Proxies("", Map.of()), pauses::add);
  private final MemoryBlobStore store = new MemoryBlobStore();

  private void fetch(TestMirror... mirrors) throws IOException {
    fetch(Arrays.stream(mirrors).map(TestMirror::uri).toList());
  }

  private void fetch(List<URI> mirrors) throws IOException {
    fetcher.fetch("the package", mirrors, "pool/a.deb", Digest.of(FILE), FILE.length, store);
    assertArrayEquals(FILE, store.open(Digest.of(FILE)).readAllBytes());
  }

  @Test
  void storesWhatTheMirrorGives() throws IOException {
    try (TestMirror mirror = new TestMirror(FILE)) {
      fetch(mirror);
      assertEquals(List.of("/debian/pool/a.deb"), mirror.requests());
    }
  }

  @Test
  void goesOnWhereAConnectionWasCut() throws IOException {
    try (TestMirror mirror = new TestMirror(FILE, cutAfter(30_000), cutAfter(20_000))) {
      fetch(mirror);
      assertEquals(3, mirror.requests().size());
      assertEquals("/debian/pool/a.deb bytes=30000-", mirror.requests().get(1));
      assertEquals("/debian/pool/a.deb bytes=50000-", mirror.requests().get(2));
    }
  }

  @Test
  void goesOnAtTheNextMirrorWhenOneKeepsFailing() throws IOException {
    try (TestMirror first =
            new TestMirror(FILE, cutAfter(30_000), status(500), status(500), status(500));
        TestMirror second = new TestMirror(FILE)) {
      fetch(first, second);
      assertEquals(List.of("/debian/pool/a.deb bytes=30000-"), second.requests());
    }
  }

  @Test
  void takesAMirrorThatCannotGoOn() throws IOException {
    try (TestMirror mirror = new TestMirror(FILE, cutAfter(30_000), TestMirror::ignoreRange)) {
      fetch(mirror);
    }
  }

  @Test
  void waitsAsLongAsABusyMirrorAsks() throws IOException {
    try (TestMirror mirror = new TestMirror(FILE, status(429, "Retry-After", "7"), status(503))) {
      fetch(mirror);
      assertEquals(Duration.ofSeconds(7), pauses.get(0));
      assertEquals(2, pauses.size());
      assertTrue(pauses.get(1).compareTo(Duration.ZERO) > 0);
    }
  }

  @Test
  void asksTheNextMirrorAtOnceForWhatOneDoesNotHave() throws IOException {
    try (TestMirror first = new TestMirror(FILE, status(404));
        TestMirror second = new TestMirror(FILE)) {
      fetch(first, second);
      assertEquals(1, first.requests().size());
      assertEquals(List.of(), pauses);
    }
  }

  @Test
  void saysWhatEachMirrorAnsweredWhenNoneHasIt() throws IOException {
    try (TestMirror first = new TestMirror(FILE, status(404));
        TestMirror second = new TestMirror(FILE, status(403))) {
      IOException failure = assertThrows(IOException.class, () -> fetch(first, second));
      assertTrue(failure.toString().contains("404"), failure::toString);
      assertTrue(failure.toString().contains("403"), failure::toString);
      assertTrue(failure.toString().contains("pool/a.deb"), failure::toString);
    }
  }

  @Test
  void takesTheRightBytesFromTheNextMirror() throws IOException {
    byte[] wrong = FILE.clone();
    wrong[50_000] ^= 1;
    try (TestMirror first = new TestMirror(wrong);
        TestMirror second = new TestMirror(FILE)) {
      fetch(first, second);
    }
  }

  @Test
  void refusesWrongBytesNamingTheMirror() throws IOException {
    byte[] wrong = FILE.clone();
    wrong[50_000] ^= 1;
    try (TestMirror mirror = new TestMirror(wrong)) {
      Untrusted refusal = assertThrows(Untrusted.class, () -> fetch(mirror));
      assertTrue(refusal.toString().contains("the package"), refusal::toString);
      assertTrue(refusal.toString().contains(mirror.uri().toString()), refusal::toString);
    }
  }

  @Test
  void refusesMoreBytesThanThereShouldBe() throws IOException {
    try (TestMirror first = new TestMirror(Arrays.copyOf(FILE, FILE.length + 1));
        TestMirror second = new TestMirror(FILE)) {
      fetch(first, second);
      assertThrows(IOException.class, () -> fetch(first));
    }
  }

  @Test
  void refusesFewerBytesThanThereShouldBe() throws IOException {
    try (TestMirror mirror = new TestMirror(Arrays.copyOf(FILE, FILE.length - 1))) {
      assertThrows(IOException.class, () -> fetch(mirror));
    }
  }

  @Test
  void followsRedirectsButNotForEverAndNotToFiles() throws IOException {
    try (TestMirror target = new TestMirror(FILE)) {
      String there = target.uri() + "other";
      try (TestMirror mirror = new TestMirror(FILE, status(302, "Location", there))) {
        fetch(mirror);
        assertEquals(List.of("/debian/other"), target.requests());
      }
    }
    TestMirror.Step[] loop = new TestMirror.Step[30];
    Arrays.fill(loop, status(302, "Location", "/debian/again"));
    try (TestMirror mirror = new TestMirror(FILE, loop)) {
      assertThrows(IOException.class, () -> fetch(mirror));
    }
    TestMirror.Step[] file = new TestMirror.Step[5];
    Arrays.fill(file, status(302, "Location", "file:///etc/passwd"));
    try (TestMirror mirror = new TestMirror(FILE, file)) {
      IOException refusal = assertThrows(IOException.class, () -> fetch(mirror));
      assertTrue(refusal.toString().contains("redirects to file"), refusal::toString);
    }
  }

  @Test
  void readsFilesAndCopies(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("pool"));
    Files.write(root.resolve("pool/a.deb"), FILE);
    fetch(List.of(URI.create(root.toUri() + "")));
    fetch(List.of(URI.create("copy:" + root + "/")));
    assertThrows(
        IOException.class, () -> fetch(List.of(URI.create("file:" + root.resolve("none") + "/"))));
  }

  @Test
  void aSmallFileIsReadToItsLimit() throws IOException {
    try (TestMirror mirror = new TestMirror(FILE)) {
      List<URI> mirrors = List.of(mirror.uri());
      assertArrayEquals(FILE, fetcher.read(mirrors, "InRelease", FILE.length));
      assertThrows(IOException.class, () -> fetcher.read(mirrors, "InRelease", FILE.length - 1));
    }
  }
}
