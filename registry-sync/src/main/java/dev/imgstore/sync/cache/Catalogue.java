package dev.imgstore.sync.cache;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Tasks;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;

/** All results in a repository, as they were when it was read. For one thread. */
final class Catalogue {
  private static final Comparator<Result> NEWEST_FIRST =
      Comparator.comparing((Result each) -> each.manifest().statement().when())
          .reversed()
          .thenComparing(Result::tag);

  private final Registry registry;
  private final List<Result> results = new ArrayList<>();
  private final Map<String, Bad> refused = new TreeMap<>();
  private int others;

  private Catalogue(Registry registry) {
    this.registry = registry;
  }

  /** One that is right. */
  private record Result(String tag, Digest digest, CacheManifest manifest) {
    CacheEntry entry() {
      Statement said = manifest.statement();
      return new CacheEntry(
          said.key(),
          said.kind(),
          said.name(),
          said.origin(),
          said.result(),
          said.signer(),
          said.when(),
          manifest.packs().size(),
          manifest.packs().stream().mapToLong(Descriptor::size).sum());
    }
  }

  /** One that is none. */
  private record Bad(Digest digest, Refused why) {}

  /** Who says what of what. */
  private record Row(String signer, dev.imgstore.sync.cache.Kind kind, String name) {}

  static Catalogue read(Registry registry, ExecutorService pool) throws IOException {
    Catalogue catalogue = new Catalogue(registry);
    Tasks transfers = new Tasks();
    for (String tag : tags(registry)) {
      if (CacheManifest.isTag(tag)) {
        transfers.run(pool, () -> catalogue.read(tag));
      } else if (!tag.equals(Inventory.TAG)) {
        catalogue.others++;
      }
    }
    transfers.finish();
    catalogue.results.sort(NEWEST_FIRST);
    return catalogue;
  }

  private static List<String> tags(Registry registry) throws IOException {
    try {
      return registry.tags();
    } catch (RegistryException e) {
      if (e.kind() == Kind.UNKNOWN) {
        return List.of(); // nothing was pushed yet
      }
      throw e;
    }
  }

  private void read(String tag) throws IOException {
    Optional<Manifest> found = registry.manifest(tag);
    if (found.isEmpty()) {
      return; // removed meanwhile
    }
    Manifest manifest = found.get();
    try {
      CacheManifest read = CacheManifest.read(manifest, List.of());
      Statement said = read.statement();
      if (!CacheManifest.tag(said.key(), said.signer()).equals(tag)) {
        throw new Refused("it is the result of another action or key, put in its place");
      }
      synchronized (this) {
        results.add(new Result(tag, manifest.digest(), read));
      }
    } catch (Refused e) {
      synchronized (this) {
        if (CacheManifest.isOurs(manifest)) {
          refused.put(tag, new Bad(manifest.digest(), e));
        } else {
          others++;
        }
      }
    }
  }

  private List<String> refusals() {
    return refused.entrySet().stream()
        .map(each -> each.getKey() + ": " + each.getValue().why().why())
        .toList();
  }

  Listing listing() {
    Map<Digest, Long> packs = packs(results);
    return new Listing(
        results.stream().map(Result::entry).toList(), refusals(), others, packs.size(), sum(packs));
  }

  private static Map<Digest, Long> packs(List<Result> results) {
    Map<Digest, Long> packs = new HashMap<>();
    for (Result each : results) {
      each.manifest().packs().forEach(pack -> packs.put(pack.digest(), pack.size()));
    }
    return packs;
  }

  private static long sum(Map<Digest, Long> packs) {
    return packs.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The results to remove, the newest first. */
  private List<Result> doomed(Keep keep, Instant now) {
    Map<Row, Integer> seen = new HashMap<>();
    List<Result> doomed = new ArrayList<>();
    for (Result each : results) {
      Statement said = each.manifest().statement();
      Row row = new Row(said.signer().toString(), said.kind(), said.name());
      boolean isNew = seen.merge(row, 1, Integer::sum) <= keep.newest();
      boolean isYoung =
          keep.younger().filter(age -> said.when().isAfter(now.minus(age))).isPresent();
      if (!isNew && !isYoung) {
        doomed.add(each);
      }
    }
    return doomed;
  }

  CacheCollection plan(Keep keep, Instant now) {
    List<Result> doomed = doomed(keep, now);
    List<Result> kept = new ArrayList<>(results);
    kept.removeAll(doomed);
    Map<Digest, Long> freed = packs(doomed);
    freed.keySet().removeAll(packs(kept).keySet());
    return new CacheCollection(
        doomed.stream().map(Result::entry).toList(),
        refusals(),
        kept.size(),
        freed.size(),
        sum(freed));
  }

  /** Law 4: the inventory first, so that nobody relies on what goes. */
  CacheCollection collect(Keep keep, Instant now) throws IOException {
    CacheCollection plan = plan(keep, now);
    List<Result> doomed = doomed(keep, now);
    List<Result> kept = new ArrayList<>(results);
    kept.removeAll(doomed);
    Set<Digest> goes = new HashSet<>();
    doomed.forEach(each -> goes.add(each.digest()));
    refused.values().stream()
        .filter(each -> !each.why().isLater())
        .forEach(each -> goes.add(each.digest()));
    kept.forEach(each -> goes.remove(each.digest())); // a second tag of it may be a lie
    if (!goes.isEmpty()) {
      InventoryFile inventory = InventoryFile.read(registry);
      if (inventory.inventory().keep(packs(kept).keySet())) {
        inventory.write(registry);
      }
    }
    for (Digest each : goes) {
      delete(each);
    }
    return plan;
  }

  private void delete(Digest manifest) throws IOException {
    try {
      registry.delete(manifest);
    } catch (RegistryException e) {
      if (e.kind() != Kind.REFUSED) {
        throw e;
      }
      throw new RegistryException(
          Kind.REFUSED,
          e.getMessage()
              + "; a registry has to allow that: docker-registry with storage.delete.enabled: true,"
              + " and docker-registry garbage-collect frees the space then",
          e);
    }
  }
}
