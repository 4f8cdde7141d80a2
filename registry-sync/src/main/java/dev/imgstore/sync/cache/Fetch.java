package dev.imgstore.sync.cache;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Arrival;
import dev.imgstore.store.BadPack;
import dev.imgstore.store.Body;
import dev.imgstore.store.Packs;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Tasks;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** One result on its way into a store, once it is known whose word it is. */
final class Fetch {
  /** Threads that put what names others. */
  private static final int THREADS = 2;

  private final Source source;
  private final Packs packs;
  private final ExecutorService pool;
  private final Pace pace;
  private final Told told;
  private final AtomicLong bytes = new AtomicLong();

  /** Told of bytes. */
  interface Told {
    /** So many will come. */
    void expected(long bytes);

    /** So many came. */
    void came(int bytes);
  }

  /** What came. */
  record Came(List<Digest> roots, int packs, long bytes) {
    /** Copies in. */
    Came {
      roots = List.copyOf(roots);
    }
  }

  Fetch(Source source, Packs packs, ExecutorService pool, Pace pace, Told told) {
    this.source = source;
    this.packs = packs;
    this.pool = pool;
    this.pace = pace;
    this.told = told;
  }

  /**
   * Gets all that a result needs and that is not there.
   *
   * @throws Refused if something is not as was stated
   * @throws Unavailable if the cache does not serve
   */
  Came run(CacheManifest manifest, Transaction into) throws IOException {
    Contents contents =
        Contents.decode(source.read(manifest.contents(), Contents.MAX, "its list of contents"));
    if (!contents.roots().contains(manifest.statement().result())) {
      throw new Refused("its list of contents lacks the result");
    }
    int count;
    try (Arrival arrival = packs.arrive(into)) {
      count = fetch(contents, arrival);
      arrival.finish(pool, THREADS);
    } catch (BadPack e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
    requireWhole(contents.roots(), into);
    return new Came(contents.roots(), count, bytes.get());
  }

  private int fetch(Contents contents, Arrival arrival) throws IOException {
    List<Contents.Part> needed = new ArrayList<>();
    for (Contents.Part each : contents.packs()) {
      List<Body> lacking = new ArrayList<>();
      for (Body body : each.bodies()) {
        if (arrival.lacks(body)) {
          lacking.add(body);
        }
      }
      if (!lacking.isEmpty()) {
        needed.add(new Contents.Part(each.pack(), each.size(), lacking));
      }
    }
    told.expected(needed.stream().mapToLong(Contents.Part::size).sum());
    Tasks transfers = new Tasks();
    for (Contents.Part each : needed) {
      transfers.run(pool, () -> fetch(each, arrival, transfers));
    }
    transfers.finish();
    return needed.size();
  }

  private void fetch(Contents.Part part, Arrival arrival, Tasks transfers) throws IOException {
    Descriptor pack = new Descriptor(CacheManifest.PACK, part.pack(), part.size());
    Pace.Run run = pace.begin();
    try (InputStream in =
        source.open(
            pack,
            count -> {
              transfers.check();
              run.more(count);
              bytes.addAndGet(count);
              told.came(count);
            })) {
      arrival.take(part.pack().toString(), in, part.size(), part.bodies());
    }
  }

  /** Law 3, whatever was stated. */
  private static void requireWhole(List<Digest> roots, Transaction into) throws IOException {
    List<String> missing = new ArrayList<>();
    Reachable reachable = new Reachable(into, (blob, why) -> missing.add(blob + " (" + why + ")"));
    for (Digest each : roots) {
      reachable.markTold(each, "the result");
    }
    if (!missing.isEmpty()) {
      throw new Refused(
          "it comes without " + missing.size() + " blobs that it needs, one is " + missing.get(0));
    }
  }
}
