package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Results between stores, over a registry that does what it should. */
@Timeout(120)
final class SharedCacheTest extends TwoStores {
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
    int[] seeds = java.util.stream.IntStream.rangeClosed(1, 40).toArray();
    Share web = Builds.build(one, "web", 1 << 20, seeds);
    assertEquals(4, push(ann, web).packs());
    assertTrue(
        registry.blobs.values().stream().allMatch(each -> each.length <= Layout.FULL + 8192));
    assertEquals(4, fetch(annes(), web).orElseThrow().packs());
    assertEquals(2 + 4, registry.asked.stream().filter(each -> each.startsWith("GET")).count() - 2);
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
  void whoBuiltItSaysSoThoughHeCopiedItBefore() throws IOException {
    Share web = Builds.build(one, "web", 1000, 1);
    Share copied = new Share(web.key(), Kind.BUILD, "web", Origin.COPIED, web.result(), List.of());
    assertEquals(1, push(ann, copied).results());
    assertEquals(1, push(ann, web).results());
    assertEquals(0, push(ann, copied).results());
    assertEquals(Origin.BUILT, fetch(annes(), web).orElseThrow().origin());
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
  void aCollectionBesideItTakesNothingThatIsSent() throws IOException {
    Share web = Builds.build(one, "web", 3000, 1, 2);
    one.close(); // from now on nothing holds it
    one = DiskStore.open(first, notice -> {});
    registry.meanwhile = () -> collect(first);
    push(ann, web);
    assertTrue(fetch(annes(), web).isPresent());
    one.close();
    collect(first);
    one = DiskStore.open(first, notice -> {});
    assertFalse(one.blobs().has(web.result()), "nothing collects");
  }

  @Test
  void aCollectionBesideItTakesNothingThatCame() throws IOException {
    Share web = Builds.build(one, "web", 3000, 1, 2);
    push(ann, web);
    try (Transaction into = two.begin()) {
      assertTrue(cache(annes()).fetch(web.key(), web.kind(), "web", into).isPresent());
      into.flush();
      collect(disk);
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
