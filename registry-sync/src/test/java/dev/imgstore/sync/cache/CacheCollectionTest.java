package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.RegistryException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in a cache, and what a collection leaves there. */
@Timeout(120)
final class CacheCollectionTest extends TwoStores {
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
    for (Inventory.Known each : InventoryFile.read(registry).inventory().packs()) {
      assertTrue(registry.packs().contains(each.pack()), "still in the inventory");
    }
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
}
