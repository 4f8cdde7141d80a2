package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Results between stores, over a registry that does whatever a test wants. */
@Timeout(60)
final class SharedCacheTest {
  private static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");

  private final ExecutorService pool = Executors.newFixedThreadPool(3);
  private final MemoryRegistry registry = new MemoryRegistry();
  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  private final SigningKey ann = SigningKey.create(new Random(1));
  private final SigningKey bob = SigningKey.create(new Random(2));
  private final SigningKey eve = SigningKey.create(new Random(3));
  private MemoryFilesystem disk = new MemoryFilesystem();
  private DiskStore one;
  private DiskStore two;
  private Instant now = NOON;

  @BeforeEach
  void open() throws IOException {
    one = DiskStore.open(new MemoryFilesystem(), notice -> {});
    two = DiskStore.open(disk, notice -> {});
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    two.close();
    pool.shutdownNow();
  }

  private static Trust trust(int need, Map<String, SigningKey> keys) {
    TreeMap<String, PublicKey> shown = new TreeMap<>();
    keys.forEach((name, key) -> shown.put(name, key.shown()));
    return new Trust(need, shown);
  }

  private CacheSettings settings(Trust trust) {
    return new CacheSettings(
        trust, pool, notices::add, CacheSettings.Progress.NONE, Clock.fixed(now, ZoneOffset.UTC));
  }

  private PushReport push(SigningKey key, Share... shares) throws IOException {
    try (SharedCache cache = new SharedCache(registry, one, settings(Trust.nobody()))) {
      return cache.push(List.of(shares), key);
    }
  }

  private SharedCache cache(Trust trust) {
    return new SharedCache(registry, two, settings(trust));
  }

  private Optional<Fetched> fetch(Trust trust, Share share) throws IOException {
    return fetch(cache(trust), share);
  }

  private Optional<Fetched> fetch(SharedCache cache, Share share) throws IOException {
    try (Transaction into = two.begin()) {
      Optional<Fetched> got = cache.fetch(share.key(), share.kind(), share.name(), into);
      into.flush();
      return got;
    }
  }

  private Trust annes() {
    return trust(1, Map.of("ann", ann));
  }

  private void assertRefused(Share share, String why) throws IOException {
    assertEquals(Optional.empty(), fetch(annes(), share));
    assertTrue(notices.stream().anyMatch(each -> each.contains(why)), notices::toString);
    assertFalse(two.blobs().has(share.result()));
    assertNothingLeft();
    assertEquals(List.of(), two.check().findings());
  }

  private static void assertSaid(String text, Exception failure) {
    String said = String.valueOf(failure.getMessage());
    assertTrue(said.contains(text), said);
  }

  private void assertNothingLeft() throws IOException {
    for (RelPath each : disk.list(RelPath.of("tmp"))) {
      for (RelPath file : disk.list(each)) {
        assertTrue(List.of("owner", "leases").contains(file.name()), file::toString);
      }
    }
  }

  private String tag(Share share) {
    return CacheManifest.tag(share.key(), ann.shown());
  }

  /** Says something else in the manifest. */
  private void change(String tag, String from, String to) {
    String text = new String(registry.tag(tag).bytes(), UTF_8);
    assertTrue(text.contains(from), text);
    registry.tags.put(
        tag, new Manifest(registry.tag(tag).mediaType(), text.replace(from, to).getBytes(UTF_8)));
  }

  @Test
  void aResultTravelsWithAllThatItReaches() throws IOException {
    Share web = Builds.build(one, "web", 300_000, 1, 2, 3);
    PushReport sent = push(ann, web);
    assertEquals(1, sent.results());
    assertEquals(3, sent.packs());
    Fetched got = fetch(annes(), web).orElseThrow();
    assertEquals(web.result(), got.result());
    assertEquals(List.of("ann"), got.by());
    assertEquals(Origin.BUILT, got.origin());
    assertEquals(3, got.packs());
    assertEquals(Builds.reached(one, web.result()), Builds.reached(two, web.result()));
    assertEquals(List.of(), two.check().findings());
    assertEquals(List.of(), notices);
    assertNothingLeft();
  }

  @Test
  void onlyWhatIsMissingTravels() throws IOException {
    Share first = Builds.build(one, "web", 300_000, 1, 2, 3, 4, 5, 6);
    Share second = Builds.build(one, "web", 300_000, 1, 2, 3, 4, 5, 6, 7);
    PushReport before = push(ann, first);
    PushReport after = push(ann, second);
    assertTrue(before.bytes() > 1_800_000, before::toString);
    assertTrue(after.bytes() < 340_000, after::toString);
    assertTrue(after.reused() >= 1, after::toString);
    PushReport nothing = push(ann, first, second);
    assertEquals(new PushReport(0, 2, 0, 0, 0), nothing);
    assertTrue(fetch(annes(), first).orElseThrow().bytes() > 1_800_000);
    Fetched rest = fetch(annes(), second).orElseThrow();
    assertTrue(rest.bytes() < 340_000, rest::toString);
    assertEquals(0, fetch(annes(), second).orElseThrow().bytes());
    assertEquals(Builds.reached(one, second.result()), Builds.reached(two, second.result()));
  }

  @Test
  void withoutItsInventoryItOnlySendsMore() throws IOException {
    Share first = Builds.build(one, "web", 300_000, 1, 2, 3, 4, 5, 6);
    Share second = Builds.build(one, "web", 300_000, 1, 2, 3, 4, 5, 6, 7);
    push(ann, first);
    registry.tags.put(Inventory.TAG, new Manifest("a/b", "{}".getBytes(UTF_8)));
    PushReport after = push(ann, second);
    assertTrue(after.bytes() > 1_800_000, after::toString);
    assertEquals(Builds.reached(one, second.result()), reachedAfter(second));
  }

  private Object reachedAfter(Share share) throws IOException {
    assertTrue(fetch(annes(), share).isPresent());
    return Builds.reached(two, share.result());
  }

  @Test
  void aPackThatIsGoneIsSentAgain() throws IOException {
    Share first = Builds.build(one, "web", 300_000, 1, 2, 3);
    push(ann, first);
    registry.tags.remove(tag(first));
    registry.sweep(); // the inventory still names them
    Share second = Builds.build(one, "web", 300_000, 1, 2, 3, 4);
    PushReport after = push(ann, second);
    assertEquals(0, after.reused());
    assertEquals(Builds.reached(one, second.result()), reachedAfter(second));
  }

  @Test
  void manyResultsShareTheirPacks() throws IOException {
    Share base = Builds.step(one, "base", 200_000, 1, 2, 3, 4);
    Share web = Builds.build(one, "web", 200_000, 1, 2, 3, 4, 5);
    PushReport sent = push(ann, base, web);
    assertEquals(2, sent.results());
    assertTrue(sent.bytes() < 1_200_000, sent::toString);
    Fetched got = fetch(annes(), base).orElseThrow();
    assertEquals(base.result(), got.result());
    assertTrue(fetch(annes(), web).orElseThrow().packs() >= 1);
  }

  @Test
  void aPackIsFullAt32MiB() throws IOException {
    int[] seeds = java.util.stream.IntStream.rangeClosed(1, 70).toArray();
    Share web = Builds.build(one, "web", 1 << 20, seeds);
    assertEquals(5, push(ann, web).packs());
    assertTrue(
        registry.blobs.values().stream().allMatch(each -> each.length <= Layout.FULL + 8192));
    assertEquals(5, fetch(annes(), web).orElseThrow().packs());
    assertEquals(2 + 5, registry.asked.stream().filter(each -> each.startsWith("GET")).count() - 2);
  }

  @Test
  void aSignatureThatIsWrongIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    change(tag(web), "2024-03-01", "2024-03-02");
    assertRefused(web, "its signature is wrong");
  }

  @Test
  void anotherResultIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Share other = Builds.build(one, "web", 1000, 2);
    push(ann, web);
    change(tag(web), web.result().toString(), other.result().toString());
    assertRefused(web, "its signature is wrong");
  }

  @Test
  void theResultOfAnotherActionIsRefused() throws IOException {
    Share old = Builds.build(one, "web", 1000, 1);
    Share fresh = Builds.build(one, "web", 1000, 2);
    push(ann, old, fresh);
    registry.tags.put(tag(fresh), registry.tag(tag(old)));
    assertRefused(fresh, "it is a result of another action");
  }

  @Test
  void aResultOfAnotherKindIsRefused() throws IOException {
    Share step = Builds.step(one, "web", 1000, 1);
    push(ann, step);
    Share asked = new Share(step.key(), Kind.BASE, "web", Origin.BUILT, step.result(), List.of());
    assertRefused(asked, "it is a result of another action");
  }

  @Test
  void aKeyThatIsNotTrustedIsRefusedAndNamed() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(eve, web);
    assertRefused(web, "its key " + eve.shown().id() + " is not among the trusted ones");
    registry.tags.put(tag(web), registry.tag(CacheManifest.tag(web.key(), eve.shown())));
    notices.clear();
    assertRefused(web, "it is signed by another key, " + eve.shown().id());
  }

  @Test
  void aMissCostsAListOnceAndNothingAfterwards() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(bob, web);
    registry.asked.clear();
    SharedCache cache = cache(annes());
    for (String name : List.of("a", "b", "c")) {
      try (Transaction into = two.begin()) {
        assertEquals(Optional.empty(), cache.fetch(Builds.key(name), Kind.STEP, name, into));
      }
    }
    assertEquals(2, registry.asked.size(), registry.asked::toString);
    assertEquals(List.of(), notices);
  }

  @Test
  void enoughKeysMustAgree() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Trust both = trust(2, Map.of("ann", ann, "bob", bob, "eve", eve));
    push(ann, web);
    assertEquals(Optional.empty(), fetch(both, web));
    assertTrue(notices.get(0).contains("2 trusted keys must agree"), notices::toString);
    Share other = Builds.build(one, "web", 1000, 2);
    push(eve, new Share(web.key(), Kind.BUILD, "web", Origin.BUILT, other.result(), List.of()));
    assertEquals(Optional.empty(), fetch(both, web));
    push(bob, web);
    Fetched got = fetch(both, web).orElseThrow();
    assertEquals(web.result(), got.result());
    assertEquals(List.of("ann", "bob"), got.by());
  }

  @Test
  void whatWasCopiedCountsForOneButNotForSeveral() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Share copied = new Share(web.key(), Kind.BUILD, "web", Origin.COPIED, web.result(), List.of());
    push(ann, web);
    push(bob, copied);
    assertEquals(Optional.empty(), fetch(trust(2, Map.of("ann", ann, "bob", bob)), web));
    assertTrue(
        notices.stream().anyMatch(each -> each.contains("it was copied")), notices::toString);
    Fetched got = fetch(trust(1, Map.of("bob", bob)), web).orElseThrow();
    assertEquals(Origin.COPIED, got.origin());
  }

  @Test
  void whoBuiltItSaysSoThoughHeCopiedItBefore() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Share copied = new Share(web.key(), Kind.BUILD, "web", Origin.COPIED, web.result(), List.of());
    assertEquals(1, push(ann, copied).results());
    assertEquals(1, push(ann, web).results());
    assertEquals(0, push(ann, copied).results());
    assertEquals(Origin.BUILT, fetch(annes(), web).orElseThrow().origin());
  }

  @Test
  void aPackThatWasChangedIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    for (Digest each : registry.packs()) {
      byte[] wrong = registry.blob(each).clone();
      wrong[20] ^= 1;
      registry.lies.put(each, wrong);
    }
    assertRefused(web, "its bytes hash to another digest");
  }

  @Test
  void aPackThatIsMissingOrOfAnotherSizeIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    for (Digest each : registry.packs()) {
      byte[] bytes = registry.blob(each);
      registry.lies.put(each, Arrays.copyOf(bytes, bytes.length + 1));
    }
    assertRefused(web, "has more than its");
    registry.lies.clear();
    registry.blobs.keySet().removeAll(registry.packs());
    notices.clear();
    assertRefused(web, "was refused: no sha256:");
  }

  @Test
  void aListOfContentsThatIsNotTheSignedOneIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    Digest list = contents(web);
    byte[] bytes = registry.blob(list).clone();
    bytes[60] ^= 1;
    registry.lies.put(list, bytes);
    assertRefused(web, "its list of contents is not what its digest says");
    registry.blobs.put(Digest.of(bytes), bytes);
    change(
        tag(web),
        "\"config\":{\"mediaType\":\"" + CacheManifest.CONTENTS + "\",\"digest\":\"" + list,
        "\"config\":{\"mediaType\":\""
            + CacheManifest.CONTENTS
            + "\",\"digest\":\""
            + Digest.of(bytes));
    notices.clear();
    assertRefused(web, "its list of contents is not the one that was signed");
  }

  private Digest contents(Share share) throws IOException {
    return CacheManifest.read(registry.tag(tag(share)), List.of()).contents().digest();
  }

  @Test
  void aListOfContentsThatIsHugeIsNotFetched() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    CacheManifest read = CacheManifest.read(registry.tag(tag(web)), List.of());
    change(
        tag(web),
        contents(web) + "\",\"size\":" + read.contents().size(),
        contents(web) + "\",\"size\":" + (1L << 40));
    assertRefused(web, "is said to have 1099511627776 bytes");
  }

  /** A trusted key states what is not so: it is refused all the same. */
  private void state(Share share, Contents contents) throws IOException {
    byte[] bytes = contents.encode();
    registry.blobs.put(Digest.of(bytes), bytes);
    var list =
        new dev.imgstore.model.Descriptor(CacheManifest.CONTENTS, Digest.of(bytes), bytes.length);
    Statement statement = Statement.of(share, ann.shown(), NOON, Digest.of(bytes));
    registry.tags.put(tag(share), new CacheManifest(statement, list, List.of()).sign(ann));
  }

  private Contents read(Share share) throws IOException {
    return Contents.decode(registry.blob(contents(share)));
  }

  @Test
  void aResultThatLacksWhatItReachesIsRefused() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1, 2);
    push(ann, web);
    Contents all = read(web);
    for (int left = 0; left < all.packs().size(); left++) {
      List<Contents.Part> some = new ArrayList<>(all.packs());
      some.remove(left);
      state(web, new Contents(all.roots(), some));
      notices.clear();
      two.close();
      disk = new MemoryFilesystem();
      two = DiskStore.open(disk, notice -> {});
      assertRefused(web, "");
    }
    state(web, new Contents(List.of(), all.packs()));
    notices.clear();
    assertRefused(web, "its list of contents lacks the result");
  }

  @Test
  void whatALaterVersionWroteIsRefusedByName() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    change(tag(web), "{\\\"format\\\":1", "{\\\"format\\\":2");
    assertRefused(web, "its statement was written by a later imgstore");
    change(tag(web), "vnd.imgstore.cache.result.v1", "vnd.imgstore.cache.result.v2");
    notices.clear();
    assertRefused(web, "it was written by a later imgstore");
    registry.tags.put(tag(web), new Manifest("a/b", "no json".getBytes(UTF_8)));
    notices.clear();
    assertRefused(web, "it is no manifest");
  }

  @Test
  void aCacheThatFailsIsLeftAloneWithOneNotice() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    for (var kind :
        List.of(
            RegistryException.Kind.UNAVAILABLE,
            RegistryException.Kind.DENIED,
            RegistryException.Kind.REFUSED)) {
      registry.failure = Optional.of(kind);
      registry.asked.clear();
      notices.clear();
      SharedCache cache = cache(annes());
      assertEquals(Optional.empty(), fetch(cache, web));
      assertEquals(Optional.empty(), fetch(cache, web));
      assertTrue(cache.isDown());
      assertEquals(1, registry.asked.size());
      assertEquals(
          List.of("the shared cache here/cache is left alone from here on: it does not want to"),
          notices);
    }
  }

  @Test
  void aCacheOfWhichMuchIsRefusedIsLeftAlone() throws IOException {
    SharedCache cache = cache(annes());
    for (int i = 0; i < 9; i++) {
      Share step = Builds.step(one, "s" + i, 10, i);
      push(ann, step);
      change(tag(step), "2024-03-01", "2024-03-02");
      assertEquals(Optional.empty(), fetch(cache, step));
    }
    assertTrue(cache.isDown());
    assertEquals(6, notices.size(), notices::toString);
  }

  @Test
  void aCacheThatIsTooSlowIsLeftAlone() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1, 2, 3);
    push(ann, web);
    AtomicLong nanos = new AtomicLong();
    Pace pace =
        new Pace(
            100 << 10,
            Duration.ofSeconds(10),
            () -> nanos.addAndGet(Duration.ofSeconds(11).toNanos()));
    SharedCache cache = new SharedCache(registry, two, settings(annes()), pace);
    assertEquals(Optional.empty(), fetch(cache, web));
    assertTrue(cache.isDown());
    assertTrue(notices.get(0).contains("it is too slow: 0 KiB/s"), notices::toString);
    assertNothingLeft();
  }

  @Test
  void whatIsPushedMustBeThere() throws IOException {
    Share nothing =
        new Share(Builds.key("a"), Kind.STEP, "a", Origin.BUILT, Digest.of(new byte[7]), List.of());
    assertThrows(StoreException.MissingBlob.class, () -> push(ann, nothing));
    assertEquals(Map.of(), registry.tags);
  }

  @Test
  void aStoreThatFailsIsAFailure() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    push(ann, web);
    SharedCache cache = cache(annes());
    try (Transaction into = two.begin()) {
      into.close();
      assertThrows(IOException.class, () -> cache.fetch(web.key(), web.kind(), web.name(), into));
    }
    assertFalse(cache.isDown());
  }

  @Test
  void aListSaysWhatIsThere() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Share step = Builds.step(one, "compile", 1000, 2);
    push(ann, web);
    now = NOON.plusSeconds(60);
    push(bob, step);
    registry.tags.put("latest", new Manifest("a/b", "{}".getBytes(UTF_8)));
    Share replayed = Builds.step(one, "again", 10, 3);
    registry.tags.put(tag(replayed), registry.tag(tag(web)));
    Listing listing = cache(annes()).list();
    assertEquals(2, listing.entries().size());
    CacheEntry first = listing.entries().get(0);
    assertEquals(step.key(), first.key());
    assertEquals(Kind.STEP, first.kind());
    assertEquals("compile", first.name());
    assertEquals(bob.shown(), first.signer());
    assertEquals(NOON.plusSeconds(60), first.when());
    assertEquals(1, listing.others());
    assertEquals(1, listing.refused().size());
    assertTrue(listing.packs() >= 4, listing::toString);
  }

  @Test
  void aCollectionKeepsTheNewestAndAllTheyNeed() throws IOException {
    List<Share> all = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      now = NOON.plus(Duration.ofDays(i));
      all.add(Builds.build(one, "web", 100_000, 10 - i, 1, 2, 3, 4, 5, 6, 7, 8));
      push(ann, all.get(i - 1));
    }
    push(bob, all.get(0));
    SharedCache cache = cache(annes());
    CacheCollection plan = cache.planCollection(new Keep(2, Optional.empty()));
    assertEquals(2, plan.removed().size());
    assertEquals(3, plan.kept());
    assertEquals(6, registry.tags.size());
    assertEquals(plan, cache.collect(new Keep(2, Optional.empty())));
    registry.sweep();
    assertEquals(4, registry.tags.size());
    for (Share each : all.subList(2, 4)) {
      assertTrue(fetch(annes(), each).isPresent());
      Builds.reached(two, each.result());
    }
    assertEquals(Optional.empty(), fetch(annes(), all.get(1)));
    push(ann, all.get(1)); // what went is not taken for there
    assertTrue(fetch(annes(), all.get(1)).isPresent());
  }

  @Test
  void aCollectionKeepsWhatIsYoung() throws IOException {
    for (int i = 1; i <= 4; i++) {
      now = NOON.plus(Duration.ofDays(i));
      push(ann, Builds.step(one, "s", 10, i), Builds.build(one, "web", 10, i));
    }
    now = NOON.plus(Duration.ofDays(5));
    Keep keep = new Keep(0, Optional.of(Duration.ofDays(3)));
    assertEquals(2, cache(annes()).collect(keep).removed().size());
    assertEquals(3, cache(annes()).list().entries().size());
  }

  @Test
  void aCollectionRemovesWhatIsRefusedButNothingThatIsKept() throws IOException {
    Share web = Builds.build(one, "web", 10, 1);
    Share later = Builds.build(one, "web", 10, 2);
    Share broken = Builds.build(one, "web", 10, 3);
    push(ann, web, later, broken);
    change(tag(later), "vnd.imgstore.cache.result.v1", "vnd.imgstore.cache.result.v2");
    change(tag(broken), "2024-03-01", "2024-03-02");
    Share other = Builds.step(one, "again", 10, 3);
    registry.tags.put(tag(other), registry.tag(tag(web)));
    cache(annes()).collect(new Keep(5, Optional.empty()));
    assertTrue(registry.tags.containsKey(tag(web)));
    assertTrue(registry.tags.containsKey(tag(later)));
    assertFalse(registry.tags.containsKey(tag(broken)));
  }

  @Test
  void aRegistryThatDoesNotDeleteIsToldHowItWould() throws IOException {
    push(ann, Builds.step(one, "s", 10, 1), Builds.step(one, "t", 10, 2));
    registry.deletes = false;
    Keep keep = new Keep(0, Optional.of(Duration.ZERO));
    RegistryException refused =
        assertThrows(RegistryException.class, () -> cache(annes()).collect(keep));
    assertSaid("storage.delete.enabled", refused);
  }

  @Test
  void aCollectionOfTheStoreBesideItTakesNothingThatIsSentOrCame() throws IOException {
    Share web = Builds.build(one, "web", 3000, 1, 2);
    push(ann, web);
    try (Transaction into = two.begin()) {
      assertTrue(cache(annes()).fetch(web.key(), web.kind(), "web", into).isPresent());
      into.flush();
      try (Store other = DiskStore.open(disk, notice -> {});
          var collector = other.collector()) {
        collector.apply(
            collector.plan(Collector.Policy.ALL, OptionalLong.empty()),
            new Profiles.Because(NOON, "tester", "test"),
            Clock.systemUTC());
      }
      assertEquals(Builds.reached(one, web.result()), Builds.reached(two, web.result()));
    }
  }

  @Test
  void keysHaveOneText() {
    assertEquals(ann.shown(), PublicKey.parse(ann.shown().toString()));
    assertEquals(ann.shown(), SigningKey.parse(ann.secret()).shown());
    assertFalse(ann.toString().contains(ann.secret().substring(20)));
    for (String wrong : List.of("", "ed25519:", "ed25519:x", ann.shown() + "=", "rsa:AAAA")) {
      assertThrows(IllegalArgumentException.class, () -> PublicKey.parse(wrong), wrong);
    }
    assertThrows(IllegalArgumentException.class, () -> SigningKey.parse("secret-ed25519:AA=="));
  }

  @Test
  void anActionKeyIsNotATag() {
    ActionKey key = Builds.key("a");
    assertTrue(CacheManifest.isTag(CacheManifest.tag(key, ann.shown())));
    assertFalse(CacheManifest.isTag(key.digest().hex()));
    assertFalse(CacheManifest.isTag(Inventory.TAG));
  }
}
