package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.client.Patience;
import dev.imgstore.sync.client.RegistryClients;
import dev.imgstore.sync.client.RegistrySettings;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import dev.imgstore.testkit.DockerRegistry;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cache on a real registry, and on what is none. */
@Timeout(120)
final class CacheOnRegistryTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(3);
  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  private final SigningKey ann = SigningKey.create(new Random(1));
  private DiskStore one;
  private DiskStore two;

  @TempDir Path directory;

  @BeforeEach
  void open() throws IOException {
    one = DiskStore.open(new MemoryFilesystem(), notice -> {});
    two = DiskStore.open(new MemoryFilesystem(), notice -> {});
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    two.close();
    pool.shutdownNow();
  }

  private static Registry registry(String host, Patience patience) {
    RegistrySettings settings =
        new RegistrySettings(
            Set.of(), List.of(), address -> Proxy.NO_PROXY, "", "imgstore-test", patience);
    return RegistryClients.writing(ImageName.parse(host + "/team/cache"), settings);
  }

  private SharedCache cache(Registry registry, DiskStore store) {
    TreeMap<String, PublicKey> keys = new TreeMap<>();
    keys.put("ann", ann.shown());
    return new SharedCache(
        registry,
        store,
        new CacheSettings(
            new Trust(1, keys),
            pool,
            notices::add,
            CacheSettings.Progress.NONE,
            Clock.systemUTC()));
  }

  private Optional<Fetched> fetch(SharedCache cache, Share share) throws IOException {
    try (Transaction into = two.begin()) {
      Optional<Fetched> got = cache.fetch(share.key(), share.kind(), share.name(), into);
      into.flush();
      return got;
    }
  }

  @Test
  void aRegistryThatKnowsNothingOfItServesIt() throws IOException {
    Share web = Builds.build(one, "web", 1 << 20, IntStream.rangeClosed(1, 40).toArray());
    Share next = Builds.build(one, "web", 1 << 20, IntStream.rangeClosed(1, 41).toArray());
    DockerRegistry server = DockerRegistry.plain(directory);
    try (SharedCache sender = cache(registry(server.host(), Patience.usual()), one)) {
      assertEquals(4, sender.push(List.of(web), ann).packs());
      PushReport second = sender.push(List.of(next), ann);
      assertTrue(second.bytes() < (1 << 20) + 100_000, second::toString);
      assertEquals(new PushReport(0, 2, 0, 0, 0), sender.push(List.of(web, next), ann));
      assertEquals(2, sender.list().entries().size());
    }
    try (SharedCache receiver = cache(registry(server.host(), Patience.brief()), two)) {
      assertEquals(4, fetch(receiver, web).orElseThrow().packs());
      assertEquals(Builds.reached(one, web.result()), Builds.reached(two, web.result()));
    }
    try (SharedCache collector = cache(registry(server.host(), Patience.usual()), one)) {
      assertEquals(1, collector.collect(new Keep(1, Optional.empty())).removed().size());
      assertEquals(1, collector.list().entries().size());
    }
    try (SharedCache receiver = cache(registry(server.host(), Patience.brief()), two)) {
      assertEquals(next.result(), fetch(receiver, next).orElseThrow().result());
    }
    assertEquals(List.of(), notices);
    long reads =
        server.requests().stream()
            .filter(each -> each.startsWith("GET /v2/team/cache/blobs"))
            .count();
    assertTrue(reads < 20, reads + " blobs were asked for");
  }

  @Test
  void whereThereIsNoCacheYetNothingIsFoundAndNothingWrong() throws IOException {
    Share web = Builds.build(one, "web", 10, 1);
    try (DockerRegistry server = DockerRegistry.plain(directory);
        SharedCache cache = cache(registry(server.host(), Patience.brief()), two)) {
      assertEquals(Optional.empty(), fetch(cache, web));
      assertEquals(List.of(), cache.list().entries());
      assertEquals(List.of(), notices);
    }
  }

  @Test
  void aRegistryThatWantsALoginIsLeftAlone() throws IOException {
    Share web = Builds.build(one, "web", 10, 1);
    try (DockerRegistry server = DockerRegistry.withLogin(directory);
        SharedCache cache = cache(registry(server.host(), Patience.brief()), two)) {
      assertEquals(Optional.empty(), fetch(cache, web));
      assertTrue(cache.isDown());
      assertEquals(1, notices.size(), notices::toString);
    }
  }

  @Test
  void nobodyAtTheDoorCostsSecondsAtMost() throws IOException {
    Share web = Builds.build(one, "web", 10, 1);
    int port;
    try (ServerSocket none = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = none.getLocalPort();
    }
    long start = System.nanoTime();
    try (SharedCache cache = cache(registry("127.0.0.1:" + port, Patience.brief()), two)) {
      assertEquals(Optional.empty(), fetch(cache, web));
      assertEquals(Optional.empty(), fetch(cache, web));
    }
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(8).toNanos());
    assertEquals(1, notices.size(), notices::toString);
  }

  /** Answers whatever it is asked with the same bytes, and never ends. */
  private Thread answering(ServerSocket server, String head) {
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket client = server.accept();
                    OutputStream out = client.getOutputStream()) {
                  client.getInputStream().read(new byte[4096]);
                  out.write(head.getBytes(US_ASCII));
                  while (true) {
                    out.write(new byte[1 << 16]);
                  }
                } catch (IOException e) {
                  // it has heard enough
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void answersThatNeverEndAreNotReadToTheirEnd() throws IOException {
    Share web = Builds.build(one, "web", 10, 1);
    for (String head :
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{",
            "HTTP/1.1 500 No\r\n\r\n",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n\r\n",
            "")) {
      notices.clear();
      try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
        answering(server, head);
        String host = "127.0.0.1:" + server.getLocalPort();
        try (SharedCache cache = cache(registry(host, Patience.brief()), two)) {
          assertEquals(Optional.empty(), fetch(cache, web), head);
          assertTrue(notices.size() >= 1, notices::toString);
        }
      }
    }
  }
}
