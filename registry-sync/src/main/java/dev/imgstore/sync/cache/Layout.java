package dev.imgstore.sync.cache;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Body;
import dev.imgstore.store.Packs.Stored;
import dev.imgstore.sync.Registry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which body goes in which pack. What is in packs that are there is taken from them, if enough of
 * such a pack is needed; the rest goes in new ones, what the same results need together. For one
 * thread.
 */
final class Layout {
  /** A pack that has so much gets nothing more. */
  static final long FULL = 32L << 20;

  /** A pack that has less is worth less than the request it costs. */
  static final long SMALL = 4L << 20;

  /** So many small packs are used again; the rest is packed together. */
  static final int MOST_SMALL = 4;

  private static final int ENTRY = 64;

  /** By the body; which of the results need it. */
  private final SortedMap<Body, Need> needs = new TreeMap<>();

  /** The pack that a body is in already. */
  private final Map<Body, Digest> placed = new HashMap<>();

  private record Need(Stored stored, BitSet results) {}

  /** What each result needs. */
  Layout(List<List<Stored>> results) {
    for (int i = 0; i < results.size(); i++) {
      for (Stored each : results.get(i)) {
        needs.computeIfAbsent(each.body(), body -> new Need(each, new BitSet())).results().set(i);
      }
    }
  }

  private record Use(Inventory.Known pack, List<Stored> bodies) {
    long bytes() {
      return bodies.stream().mapToLong(each -> each.size() + ENTRY).sum();
    }
  }

  /**
   * Takes what it can from packs that are there.
   *
   * @param known not changed, but for packs that turn out to be gone
   */
  List<Inventory.Known> reuse(Inventory known, Registry registry) throws IOException {
    List<Inventory.Known> taken = new ArrayList<>();
    int small = 0;
    for (Use each : uses(known)) {
      List<Stored> left =
          each.bodies().stream().filter(stored -> !placed.containsKey(stored.body())).toList();
      boolean isSmall = each.pack().size() < SMALL;
      if (new Use(each.pack(), left).bytes() * 2 < each.pack().size()
          || (isSmall && small == MOST_SMALL)) {
        continue;
      }
      if (!registry.has(each.pack().pack())) {
        known.forget(each.pack().pack());
        continue;
      }
      left.forEach(stored -> placed.put(stored.body(), each.pack().pack()));
      taken.add(each.pack());
      small += isSmall ? 1 : 0;
    }
    return taken;
  }

  /** What could be had from each pack, the most first. */
  private List<Use> uses(Inventory known) {
    Map<Inventory.Id, Stored> wanted = new HashMap<>();
    needs
        .values()
        .forEach(each -> wanted.put(Inventory.Id.of(each.stored().body()), each.stored()));
    List<Use> uses = new ArrayList<>();
    for (Inventory.Known each : known.packs()) {
      Set<Stored> has = new HashSet<>();
      for (int i = 0; i < each.count(); i++) {
        Stored one = wanted.get(each.id(i));
        if (one != null) {
          has.add(one);
        }
      }
      if (!has.isEmpty()) {
        uses.add(new Use(each, List.copyOf(has)));
      }
    }
    uses.sort(
        Comparator.comparingLong(Use::bytes).reversed().thenComparing(each -> each.pack().pack()));
    return uses;
  }

  /** What was taken from a pack, in order. */
  List<Body> bodies(Inventory.Known pack) {
    return placed.entrySet().stream()
        .filter(each -> each.getValue().equals(pack.pack()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** The new packs, each in order; their bodies are of one purpose. */
  List<List<Stored>> groups() {
    List<Need> left =
        needs.values().stream()
            .filter(each -> !placed.containsKey(each.stored().body()))
            .sorted(
                Comparator.<Need>comparingInt(each -> each.stored().purpose())
                    .thenComparing(each -> -each.results().cardinality())
                    .thenComparing(each -> each.results().toString())
                    .thenComparing(each -> each.stored().body()))
            .toList();
    List<List<Stored>> groups = new ArrayList<>();
    List<Stored> open = new ArrayList<>();
    long size = 0;
    Need last = null;
    for (Need each : left) {
      long next = each.stored().size() + ENTRY;
      if (last != null && isFull(last, each, size, next)) {
        groups.add(sorted(open));
        open = new ArrayList<>();
        size = 0;
      }
      open.add(each.stored());
      size += next;
      last = each;
    }
    if (!open.isEmpty()) {
      groups.add(sorted(open));
    }
    return groups;
  }

  private static boolean isFull(Need last, Need next, long size, long more) {
    return last.stored().purpose() != next.stored().purpose()
        || size + more > FULL
        || (size >= SMALL && !last.results().equals(next.results()));
  }

  private static List<Stored> sorted(List<Stored> bodies) {
    return bodies.stream().sorted(Comparator.comparing(Stored::body)).toList();
  }
}
