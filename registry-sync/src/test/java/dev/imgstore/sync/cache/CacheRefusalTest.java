package dev.imgstore.sync.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is not taken from a cache, and when it is left alone. */
@Timeout(120)
final class CacheRefusalTest extends TwoStores {
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
}
