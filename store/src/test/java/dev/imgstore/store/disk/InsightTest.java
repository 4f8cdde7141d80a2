package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.Usage;
import dev.imgstore.store.Why;
import dev.imgstore.testkit.Facts;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains and costs against a search that writes every chain of every root down. */
final class InsightTest {
  private static final int CHUNKED = 300_000;

  /** All chains of one root, each a list of objects. */
  private record Chains(Root root, List<List<Digest>> chains) {
    Set<Digest> objects() {
      Set<Digest> objects = new HashSet<>();
      chains.forEach(chain -> objects.add(chain.get(chain.size() - 1)));
      return objects;
    }
  }

  /** Follows everything, knowing no shortcut. */
  private static final class Search {
    private final Transaction store;
    private final List<List<Digest>> chains = new ArrayList<>();

    Search(Transaction store) {
      this.store = store;
    }

    private List<Digest> step(List<Digest> chain, Digest next) {
      List<Digest> longer = new ArrayList<>(chain);
      longer.add(next);
      chains.add(longer);
      return longer;
    }

    void image(List<Digest> chain, Digest image, Set<Digest> inLayer) throws IOException {
      List<Digest> here = step(chain, image);
      for (Descriptor each : ImageManifest.read(store, image).references()) {
        List<Digest> blob = step(here, each.digest());
        if (!each.digest().equals(ImageManifest.read(store, image).references().get(0).digest())) {
          inLayer.forEach(chunk -> step(blob, chunk));
        }
      }
    }

    void record(BuildRecord record, Digest digest) throws IOException {
      List<Digest> here = step(List.of(), digest);
      step(here, record.recipe());
      step(here, record.lock());
      for (Digest source : record.sources()) {
        step(here, source);
      }
      for (BuildRecord.Part part : record.parts()) {
        tree(here, part.tree());
      }
    }

    private void tree(List<Digest> chain, TreeId tree) throws IOException {
      List<Digest> here = step(chain, tree.digest());
      for (Node node : Trees.read(store, tree).entries().values()) {
        if (node instanceof Node.Directory directory) {
          tree(here, directory.tree());
        } else if (node instanceof Node.File file) {
          List<Digest> blob = step(here, file.content());
          Set<Digest> parts = chunks(file.content());
          parts.remove(file.content());
          parts.forEach(part -> step(blob, part));
        }
      }
    }

    Set<Digest> chunks(Digest blob) throws IOException {
      Set<Digest> parts = new LinkedHashSet<>();
      for (FrameStore.Chunk chunk : store.chunks(blob)) {
        parts.add(chunk.digest());
      }
      return parts;
    }

    /** The chunks of all files, which are the frames of the one layer. */
    Set<Digest> frames(BuildRecord record) throws IOException {
      Set<Digest> frames = new LinkedHashSet<>();
      Trees.walk(
          store,
          record.parts().get(0).tree(),
          (path, node) -> {
            if (node instanceof Node.File file) {
              frames.addAll(chunks(file.content()));
            }
          });
      return frames;
    }
  }

  private static DiskStore random(MemoryFilesystem files, long seed) throws IOException {
    DiskStore store = DiskStore.open(files, notice -> {});
    Random random = new Random(seed);
    for (int i = 0; i < 9; i++) {
      String profile = List.of("web", "db", "web").get(i % 3);
      int[] seeds = random.ints(1 + random.nextInt(3), 1, 6).distinct().toArray();
      Images.commit(store, profile, random.nextInt(3) == 0 ? CHUNKED : 700, seeds);
    }
    Digest held = store.roots().all().get(2).image();
    store.roots().hold(held, "legal", Facts.because("case 7"));
    store.roots().pin("deploy", store.roots().all().get(0).image(), Facts.because(""));
    store.profiles().drop("web", Set.of(1), Facts.because(""));
    return store;
  }

  private static List<Chains> search(DiskStore store) throws IOException {
    Map<Digest, BuildRecord> byImage = new HashMap<>();
    List<Chains> all = new ArrayList<>();
    try (Transaction reading = store.begin()) {
      for (Root root : store.roots().all()) {
        Search search = new Search(reading);
        if (root instanceof Root.OfGeneration of) {
          BuildRecord record = BuildRecord.decode(of.record(), reading.read(of.record(), 1 << 20));
          byImage.put(root.image(), record);
          search.image(List.of(), root.image(), search.frames(record));
          search.record(record, of.record());
        } else {
          BuildRecord record =
              byImage.getOrDefault(root.image(), byImage.values().iterator().next());
          search.image(List.of(), root.image(), search.frames(record));
        }
        all.add(new Chains(root, search.chains));
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyChainToEveryObjectIsFound(long seed) throws IOException {
    try (DiskStore store = random(new MemoryFilesystem(), seed)) {
      List<Chains> searched = search(store);
      List<Digest> objects = store.insight().named("", Integer.MAX_VALUE);
      assertTrue(objects.size() > 40, objects::toString);
      int unkept = 0;
      for (Digest object : objects) {
        Why why = store.insight().why(object, Integer.MAX_VALUE);
        Set<String> found = new HashSet<>();
        for (Why.Chain chain : why.chains()) {
          List<Digest> links = chain.links().stream().map(Why.Link::digest).toList();
          found.add(chain.root().label() + links + names(chain));
        }
        Set<String> expected = new HashSet<>();
        long count = 0;
        for (Chains each : searched) {
          for (List<Digest> chain : each.chains()) {
            if (chain.get(chain.size() - 1).equals(object)) {
              expected.add(each.root().label() + chain);
              count++;
            }
          }
        }
        assertEquals(count, why.count(), object::toString);
        assertEquals(count, why.chains().size());
        assertEquals(expected, withoutNames(found));
        assertEquals(count, found.size(), "no chain twice");
        unkept += count == 0 ? 1 : 0;
        Why some = store.insight().why(object, 1);
        assertEquals(count, some.count());
        assertTrue(some.chains().size() <= store.roots().all().size());
      }
      assertTrue(unkept > 0, "what only the dropped generation had");
    }
  }

  /** Two files with one content in one directory have the same digests, and other names. */
  private static String names(Why.Chain chain) {
    return "#" + chain.links().stream().map(link -> link.step() + link.name()).toList();
  }

  private static Set<String> withoutNames(Set<String> chains) {
    Set<String> cut = new HashSet<>();
    chains.forEach(chain -> cut.add(chain.substring(0, chain.indexOf('#'))));
    return cut;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void costsAreThoseOfTheSetsOfWhatIsReached(long seed) throws IOException {
    try (DiskStore store = random(new MemoryFilesystem(), seed)) {
      List<Chains> searched = search(store);
      Usage usage = store.insight().usage();
      Map<Digest, Long> bytes = new HashMap<>();
      long all = 0;
      for (Digest each : store.insight().named("", Integer.MAX_VALUE)) {
        long stored = store.insight().why(each, 1).stored();
        bytes.put(each, stored);
        all += stored;
      }
      for (Usage.OfGeneration each : usage.generations()) {
        Set<Digest> own = new HashSet<>();
        Set<Digest> others = new HashSet<>();
        for (Chains one : searched) {
          if (one.root() instanceof Root.OfGeneration) {
            (one.root().equals(each.generation()) ? own : others).addAll(one.objects());
          }
        }
        assertEquals(cost(own, others, bytes), each.cost(), each::toString);
      }
      Set<Digest> kept = new HashSet<>();
      for (Usage.OfProfile each : usage.profiles()) {
        Set<Digest> own = new HashSet<>();
        Set<Digest> others = new HashSet<>();
        for (Chains one : searched) {
          if (one.root() instanceof Root.OfGeneration of) {
            (of.profile().equals(each.profile()) ? own : others).addAll(one.objects());
          }
        }
        assertEquals(cost(own, others, bytes), each.cost(), each::toString);
        kept.addAll(own);
      }
      assertEquals(sum(kept, bytes), usage.kept());
      assertEquals(all - usage.kept(), usage.unkept());
      assertTrue(usage.unkept() > 0);
    }
  }

  private static Usage.Cost cost(Set<Digest> own, Set<Digest> others, Map<Digest, Long> bytes) {
    Set<Digest> alone = new HashSet<>(own);
    alone.removeAll(others);
    long only = sum(alone, bytes);
    return new Usage.Cost(only, sum(own, bytes) - only);
  }

  private static long sum(Set<Digest> objects, Map<Digest, Long> bytes) {
    return objects.stream().mapToLong(each -> bytes.getOrDefault(each, 0L)).sum();
  }

  @Test
  void whatIsNotStoredIsMissing() throws IOException {
    try (DiskStore store = random(new MemoryFilesystem(), 1)) {
      Digest nowhere = Facts.digest("nowhere");
      assertThrows(StoreException.MissingBlob.class, () -> store.insight().why(nowhere, 1));
      assertEquals(List.of(), store.insight().named(nowhere.hex(), 2));
      Digest one = store.insight().named("", 1).get(0);
      assertEquals(List.of(one), store.insight().named(one.hex().substring(0, 20), 2));
    }
  }

  /** What cannot be followed names nothing; to say so is for verify. */
  @Test
  void damageDoesNotKeepItFromAnswering() throws IOException {
    MemoryFilesystem files = new MemoryFilesystem();
    try (DiskStore store = random(files, 1)) {
      assertTrue(store.insight().usage().kept() > 0);
    }
    for (var segment : files.list(Purpose.DIRECTORY)) {
      byte[] bytes = Rot.bytes(files, segment);
      if (Purpose.of(segment).orElseThrow() == Purpose.METADATA) {
        for (int i = 8; i < bytes.length / 2; i += 50) {
          bytes[i] ^= 1;
        }
        Rot.replace(files, segment, bytes);
      }
    }
    try (DiskStore store = DiskStore.open(files, notice -> {})) {
      Usage usage = store.insight().usage();
      assertTrue(usage.total() > 0);
      for (Digest each : store.insight().named("", Integer.MAX_VALUE)) {
        store.insight().why(each, 5);
      }
    }
  }

  /** Sixty directories that each name the next twice lead to the last in 2^60 ways. */
  @Test
  void moreChainsThanCouldBeWrittenAreCounted() throws IOException {
    try (DiskStore store = DiskStore.open(new MemoryFilesystem(), notice -> {})) {
      Digest bottom = nested(store, 60, "a", "b");
      Why why = store.insight().why(bottom, 7);
      assertEquals(1L << 60, why.count());
      assertEquals(7, why.chains().size());
      assertEquals(63, why.chains().get(0).links().size());
      assertTrue(store.insight().usage().kept() > 0);
      bottom = nested(store, 70, "a", "b");
      assertEquals(Long.MAX_VALUE, store.insight().why(bottom, 7).count());
    }
  }

  @Test
  void theDeepestTreeIsFollowed() throws IOException {
    try (DiskStore store = DiskStore.open(new MemoryFilesystem(), notice -> {})) {
      Digest bottom = nested(store, Trees.MAX_DEPTH, "a");
      Why why = store.insight().why(bottom, 7);
      assertEquals(1, why.count());
      assertEquals(Trees.MAX_DEPTH + 3, why.chains().get(0).links().size());
      assertTrue(store.insight().usage().kept() > 100L * Trees.MAX_DEPTH);
    }
  }

  /** A generation whose tree is so many directories below each other, and a file in the last. */
  private static Digest nested(DiskStore store, int depth, String... names) throws IOException {
    try (Transaction put = store.begin()) {
      byte[] bytes = ("bottom " + depth).getBytes(StandardCharsets.UTF_8);
      Digest bottom = put.put(bytes);
      TreeId tree =
          Trees.put(
              put, tree(Map.of("f", new Node.File(bottom, bytes.length, Meta.of(0644, 0, 0)))));
      for (int i = 1; i <= depth; i++) {
        Map<String, Node> nodes = new HashMap<>();
        for (String name : names) {
          nodes.put(name, new Node.Directory(tree, Meta.of(0755, 0, 0)));
        }
        tree = Trees.put(put, tree(nodes));
      }
      Images.Built built = Images.put(put, 10, depth);
      BuildRecord.Part part =
          new BuildRecord.Part(
              Platform.parse("linux/amd64"), tree, built.image(), List.of(), List.of());
      BuildRecord record =
          new BuildRecord(
              built.image(),
              bottom(put),
              new TreeMap<>(),
              bottom(put),
              List.of(),
              new TreeMap<>(),
              List.of(part));
      Digest made = put.putMetadata(record.encode());
      put.flush();
      Images.commit(store, "deep" + depth, new Images.Built(built.image(), made));
      return bottom;
    }
  }

  private static Digest bottom(Transaction put) throws IOException {
    return put.putMetadata(new byte[] {1});
  }

  private static Tree tree(Map<String, Node> nodes) {
    TreeMap<Name, Node> entries = new TreeMap<>();
    nodes.forEach((name, node) -> entries.put(Name.of(name), node));
    return new Tree(entries);
  }
}
