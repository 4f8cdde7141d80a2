package dev.imgstore.sync.cache;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Body;
import dev.imgstore.store.Packs;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Tasks;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.keys.SigningKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Results on their way to a registry: packs first, then the lists of what is needed, then the
 * statements, and the inventory last. So no statement is there before all it needs, and a push that
 * was interrupted goes on where it was when it is run again. Used once.
 */
final class Sending {
  private static final String BYTES = "application/octet-stream";

  private final Registry registry;
  private final Store store;
  private final CacheSettings settings;
  private final SigningKey key;
  private final Tasks transfers;
  private final AtomicInteger packs = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong total = new AtomicLong();

  Sending(Registry registry, Store store, CacheSettings settings, SigningKey key) {
    this.registry = registry;
    this.store = store;
    this.settings = settings;
    this.key = key;
    this.transfers = new Tasks();
  }

  /** A result and all it is made of. */
  private record Wanted(Share share, List<Packs.Stored> bodies) {}

  PushReport run(List<Share> shares) throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    int known = 0;
    for (Share each : shares) {
      if (isThere(each)) {
        known++;
      } else {
        wanted.add(new Wanted(each, store.packs().bodies(closure(each))));
      }
    }
    if (wanted.isEmpty()) {
      return new PushReport(0, known, 0, 0, 0);
    }
    InventoryFile inventory = InventoryFile.read(registry);
    Layout layout = new Layout(wanted.stream().map(Wanted::bodies).toList());
    List<Inventory.Known> reused = layout.reuse(inventory.inventory(), registry);
    List<Contents.Part> parts = sendPacks(layout, reused);
    sendResults(wanted, parts);
    sent(inventory, parts);
    return new PushReport(wanted.size(), known, packs.get(), reused.size(), bytes.get());
  }

  /** True if this key states the same there already; what is damaged there is stated anew. */
  private boolean isThere(Share share) throws IOException {
    Optional<Manifest> found = registry.manifest(CacheManifest.tag(share.key(), key.shown()));
    if (found.isEmpty()) {
      return false;
    }
    try {
      Statement said = CacheManifest.read(found.get(), List.of(key.shown())).statement();
      return said.key().equals(share.key())
          && said.kind() == share.kind()
          && said.result().equals(share.result())
          && (said.origin() == share.origin() || said.origin() == Origin.BUILT);
    } catch (Refused e) {
      return false;
    }
  }

  /** All it reaches, leased until the store is closed (law 3). */
  private Set<Digest> closure(Share share) throws IOException {
    List<Digest> missing = new ArrayList<>();
    Reachable reachable = new Reachable(store.blobs(), (blob, why) -> missing.add(blob));
    for (Digest each : share.roots()) {
      if (!store.lease(each)) {
        throw new StoreException.MissingBlob(each);
      }
      reachable.markTold(each, share.name());
    }
    for (Digest each : missing) {
      throw new StoreException.MissingBlob(each);
    }
    return reachable.digests();
  }

  private List<Contents.Part> sendPacks(Layout layout, List<Inventory.Known> reused)
      throws IOException {
    List<Contents.Part> parts = new ArrayList<>();
    for (Inventory.Known each : reused) {
      parts.add(new Contents.Part(each.pack(), each.size(), layout.bodies(each)));
    }
    List<Contents.Part> fresh = new ArrayList<>();
    List<List<Packs.Stored>> groups = layout.groups();
    groups.forEach(group -> group.forEach(each -> total.addAndGet(each.size())));
    for (List<Packs.Stored> group : groups) {
      transfers.run(
          settings.pool(),
          () -> {
            Contents.Part sent = send(group);
            synchronized (fresh) {
              fresh.add(sent);
            }
          });
    }
    transfers.finish();
    fresh.sort((one, other) -> one.pack().compareTo(other.pack()));
    parts.addAll(fresh);
    return parts;
  }

  private Contents.Part send(List<Packs.Stored> group) throws IOException {
    var pack = store.packs().pack(group);
    Descriptor blob = new Descriptor(CacheManifest.PACK, pack.digest(), pack.size());
    if (!registry.has(pack.digest())) {
      registry.upload(blob, pack::open);
      packs.incrementAndGet();
      bytes.addAndGet(pack.size());
    }
    transfers.check();
    long size = group.stream().mapToLong(Packs.Stored::size).sum();
    settings.progress().at(done.addAndGet(size), total.get());
    return new Contents.Part(
        pack.digest(), pack.size(), group.stream().map(Packs.Stored::body).toList());
  }

  private void sendResults(List<Wanted> wanted, List<Contents.Part> parts) throws IOException {
    for (Wanted each : wanted) {
      Set<Body> needed = new HashSet<>();
      each.bodies().forEach(stored -> needed.add(stored.body()));
      List<Contents.Part> its = new ArrayList<>();
      for (Contents.Part part : parts) {
        List<Body> bodies = part.bodies().stream().filter(needed::contains).toList();
        if (!bodies.isEmpty()) {
          its.add(new Contents.Part(part.pack(), part.size(), bodies));
        }
      }
      try {
        send(each.share(), new Contents(each.share().roots(), its));
      } catch (Refused e) {
        throw new RegistryException(
            RegistryException.Kind.REFUSED,
            each.share().name() + " is too large to be shared: " + e.why(),
            e);
      }
    }
  }

  private void send(Share share, Contents contents) throws IOException {
    Descriptor list = upload(registry, CacheManifest.CONTENTS, contents.encode());
    Statement statement =
        Statement.of(share, key.shown(), settings.clock().instant(), list.digest());
    List<Descriptor> layers = new ArrayList<>();
    for (Contents.Part each : contents.packs()) {
      layers.add(new Descriptor(CacheManifest.PACK, each.pack(), each.size()));
    }
    Manifest manifest = new CacheManifest(statement, list, layers).sign(key);
    registry.put(manifest, CacheManifest.tag(share.key(), key.shown()));
    bytes.addAndGet(list.size() + manifest.bytes().length);
  }

  /** Puts a small blob there. */
  static Descriptor upload(Registry registry, String type, byte[] bytes) throws IOException {
    Descriptor blob = new Descriptor(type, Digest.of(bytes), bytes.length);
    if (!registry.has(blob.digest())) {
      registry.upload(
          new Descriptor(BYTES, blob.digest(), blob.size()), () -> new ByteArrayInputStream(bytes));
    }
    return blob;
  }

  private void sent(InventoryFile before, List<Contents.Part> parts) throws IOException {
    InventoryFile now = before.again(registry);
    Map<Digest, Inventory.Known> old = new HashMap<>();
    before.inventory().packs().forEach(each -> old.put(each.pack(), each));
    for (Contents.Part each : parts) {
      Inventory.Known known = old.get(each.pack());
      if (known != null) {
        now.inventory().add(known);
      } else {
        now.inventory().add(each.pack(), each.size(), each.bodies());
      }
    }
    bytes.addAndGet(now.write(registry));
  }
}
