package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two stores, and a registry between them that does whatever a test wants. */
abstract class TwoStores {
  static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");

  final ExecutorService pool = Executors.newFixedThreadPool(3);
  final MemoryRegistry registry = new MemoryRegistry();
  final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  final SigningKey ann = SigningKey.create(new Random(1));
  final SigningKey bob = SigningKey.create(new Random(2));
  final SigningKey eve = SigningKey.create(new Random(3));
  final MemoryFilesystem first = new MemoryFilesystem();
  MemoryFilesystem disk = new MemoryFilesystem();
  DiskStore one;
  DiskStore two;
  Instant now = NOON;

  @BeforeEach
  void open() throws IOException {
    one = DiskStore.open(first, notice -> {});
    two = DiskStore.open(disk, notice -> {});
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    two.close();
    pool.shutdownNow();
  }

  static Trust trust(int need, Map<String, SigningKey> keys) {
    TreeMap<String, PublicKey> shown = new TreeMap<>();
    keys.forEach((name, key) -> shown.put(name, key.shown()));
    return new Trust(need, shown);
  }

  CacheSettings settings(Trust trust) {
    return new CacheSettings(
        trust, pool, notices::add, CacheSettings.Progress.NONE, Clock.fixed(now, ZoneOffset.UTC));
  }

  PushReport push(SigningKey key, Share... shares) throws IOException {
    try (SharedCache cache = new SharedCache(registry, one, settings(Trust.nobody()))) {
      return cache.push(List.of(shares), key);
    }
  }

  SharedCache cache(Trust trust) {
    return new SharedCache(registry, two, settings(trust));
  }

  Optional<Fetched> fetch(Trust trust, Share share) throws IOException {
    return fetch(cache(trust), share);
  }

  Optional<Fetched> fetch(SharedCache cache, Share share) throws IOException {
    try (Transaction into = two.begin()) {
      Optional<Fetched> got = cache.fetch(share.key(), share.kind(), share.name(), into);
      into.flush();
      return got;
    }
  }

  Trust annes() {
    return trust(1, Map.of("ann", ann));
  }

  void assertRefused(Share share, String why) throws IOException {
    assertEquals(Optional.empty(), fetch(annes(), share));
    assertTrue(notices.stream().anyMatch(each -> each.contains(why)), notices::toString);
    assertFalse(two.blobs().has(share.result()));
    assertNothingLeft();
    assertEquals(List.of(), two.check().findings());
  }

  static void assertSaid(String text, Exception failure) {
    String said = String.valueOf(failure.getMessage());
    assertTrue(said.contains(text), said);
  }

  /** A collection of all that nothing needs, as another process does it. */
  static void collect(MemoryFilesystem disk) throws IOException {
    try (DiskStore other = DiskStore.open(disk, notice -> {});
        Collector collector = other.collector()) {
      collector.apply(
          collector.plan(Collector.Policy.ALL, OptionalLong.empty()),
          new Profiles.Because(NOON, "tester", "test"),
          Clock.systemUTC());
    }
  }

  void assertNothingLeft() throws IOException {
    for (RelPath each : disk.list(RelPath.of("tmp"))) {
      for (RelPath file : disk.list(each)) {
        assertTrue(List.of("owner", "leases").contains(file.name()), file::toString);
      }
    }
  }

  String tag(Share share) {
    return CacheManifest.tag(share.key(), ann.shown());
  }

  /** Says something else in the manifest. */
  void change(String tag, String from, String to) {
    String text = new String(registry.tag(tag).bytes(), UTF_8);
    assertTrue(text.contains(from), text);
    registry.tags.put(
        tag, new Manifest(registry.tag(tag).mediaType(), text.replace(from, to).getBytes(UTF_8)));
  }
}
