package dev.imgstore.store.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BuildRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What holds of a catalog on every database: its answers are those of the store itself. */
abstract class CatalogContract {
  final SampleStore store = new SampleStore("one");
  final List<String> notices = new ArrayList<>();
  final List<String> gaps = new ArrayList<>();

  /** The database under test, which keeps what was put there. */
  abstract Engine engine() throws Exception;

  /** Breaks the catalog so that the database fails or has to be made anew. */
  abstract void damage() throws Exception;

  final Catalog.Reports reports =
      new Catalog.Reports() {
        @Override
        public void notice(String sentence) {
          notices.add(sentence);
        }

        @Override
        public void gap(String sentence) {
          gaps.add(sentence);
        }
      };

  Catalog catalog() throws Exception {
    return catalog(store);
  }

  Catalog catalog(Truth truth) throws Exception {
    return new Catalog(truth, engine(), reports);
  }

  DirectAnswers direct() {
    return new DirectAnswers(store, gaps::add);
  }

  static Predicate<Part> all() {
    return part -> true;
  }

  static FilePattern at(String path) {
    return new FilePattern(TreePath.of(path), !path.startsWith("/"));
  }

  /** The catalog answers without a word, and as the store does. */
  void agrees(String... paths) throws Exception {
    notices.clear();
    compare(paths);
    assertEquals(List.of(), notices);
    assertEquals(List.of(), gaps);
  }

  void compare(String... paths) throws Exception {
    Catalog catalog = catalog();
    assertEquals(direct().parts(all()), catalog.parts(all()));
    assertEquals(direct().packageNames(), catalog.packageNames());
    for (String name : direct().packageNames()) {
      assertEquals(
          direct().packages(name, version -> true, all()),
          catalog.packages(name, version -> true, all()));
    }
    for (String path : paths) {
      assertEquals(direct().files(at(path), all()), catalog.files(at(path), all()), path);
    }
  }

  private static List<String> places(List<FileHit> hits) {
    return hits.stream()
        .map(hit -> hit.part().profile() + "@" + hit.part().number() + hit.path())
        .toList();
  }

  @Test
  void anEmptyStoreContainsNothing() throws Exception {
    agrees("/a", "a");
    assertEquals(List.of(), catalog().packages("a", version -> true, all()));
  }

  @Test
  void packagesAreFoundByNameVersionAndScope() throws Exception {
    store.commit("web", List.of("openssl 3.0.15", "libc6 2.36"), Map.of());
    store.commit("web", List.of("openssl 3.0.17", "libc6 2.36"), Map.of());
    store.commit(
        "db",
        new TreeMap<>(
            Map.of(
                SampleStore.AMD, SampleStore.content(List.of("openssl 3.0.15"), Map.of()),
                SampleStore.ARM, SampleStore.content(List.of("openssl 3.0.14"), Map.of()))));
    store.makeCurrent("web", 1);
    List<PackageHit> old =
        catalog().packages("openssl", version -> version.compareTo("3.0.17") < 0, all());
    assertEquals(
        List.of("db@1 amd64 3.0.15", "db@1 arm64 3.0.14", "web@1 amd64 3.0.15"),
        old.stream()
            .map(
                hit ->
                    hit.part().profile()
                        + "@"
                        + hit.part().number()
                        + " "
                        + hit.installed().architecture()
                        + " "
                        + hit.installed().version())
            .toList());
    assertTrue(old.get(2).part().current());
    assertEquals(3, catalog().packages("openssl", v -> true, Part::current).size());
    assertEquals(
        2, catalog().packages("libc6", v -> true, part -> part.profile().equals("web")).size());
    assertEquals(List.of("libc6", "openssl"), catalog().packageNames());
    agrees();
  }

  @Test
  void filesAreFoundByPathThroughLinks() throws Exception {
    Map<String, Node> nodes = new TreeMap<>();
    nodes.put("usr/bin/sh", store.file("dash"));
    nodes.put("bin", SampleStore.link("usr/bin"));
    nodes.put("a/b/up", SampleStore.link("../../usr"));
    nodes.put("a/absolute", SampleStore.link("/a/b//./up/"));
    nodes.put("round", SampleStore.link("round"));
    nodes.put("out", SampleStore.link("../../../usr"));
    nodes.put("dangling", SampleStore.link("nowhere"));
    store.commit("web", List.of(), nodes);
    String there = "web@1/usr/bin/sh";
    for (String path : List.of("/usr/bin/sh", "/bin/sh", "/a/absolute/bin/sh", "/out/bin/sh")) {
      assertEquals(List.of(there), places(catalog().files(at(path), all())), path);
    }
    assertEquals(List.of("web@1/bin"), places(catalog().files(at("/bin"), all())));
    FileHit link = catalog().files(at("/bin"), all()).get(0);
    assertEquals(Item.Kind.SYMLINK, link.item().kind());
    assertEquals(Bytes.utf8("usr/bin"), link.item().target());
    for (String path : List.of("/round/x", "/dangling/x", "/usr/bin/sh/x", "/usr/sh", "/nope")) {
      assertEquals(List.of(), catalog().files(at(path), all()), path);
    }
    agrees("/usr/bin/sh", "/bin/sh", "/a/absolute/bin/sh", "/out/bin", "/round/x", "/usr", "sh");
  }

  @Test
  void filesAreFoundByTheEndOfTheirPathWhereverTheyAre() throws Exception {
    Node one = store.file("1");
    store.commit("web", List.of(), Map.of("x/etc/conf", one, "y/etc/conf", one, "conf", one));
    store.commit("web", List.of(), Map.of("x/etc/conf", one, "etc/conf/conf", one));
    List<String> all =
        List.of(
            "web@1/conf",
            "web@1/x/etc/conf",
            "web@1/y/etc/conf",
            "web@2/etc/conf",
            "web@2/etc/conf/conf",
            "web@2/x/etc/conf");
    assertEquals(all, places(catalog().files(at("conf"), all())));
    assertEquals(
        all.stream().filter(each -> each.endsWith("etc/conf")).toList(),
        places(catalog().files(at("etc/conf"), all())));
    agrees("conf", "etc/conf", "/conf", "x/etc", "etc", "x");
  }

  @Test
  void anyNameAndKindOfNodeIsKeptAsItIs() throws Exception {
    byte[] strange = {'a', (byte) 0xff, '\\', 'x', '4', '1', '\n', (byte) 0xc3, (byte) 0xa9};
    TreePath path = TreePath.parse(Bytes.of(strange));
    Map<String, Node> nodes = new HashMap<>();
    nodes.put("system-a\\x2db.slice", store.file("s"));
    nodes.put("null", new Node.Device(1, 3, false, Meta.of(0666, 5, 6)));
    nodes.put("pipe", new Node.Fifo(Meta.of(04755, 1_000_000, 70_000)));
    nodes.put("\u00fc\u4e16", SampleStore.link("back\\slash\u0001"));
    store.commit("web", List.of("p\u00e9 1~x+b-1:2"), nodes);
    assertEquals(SqlText.bytes(SqlText.of(Bytes.of(strange))), Bytes.of(strange));
    assertEquals(List.of(), catalog().files(new FilePattern(path, false), all()));
    agrees("/system-a\\x2db.slice", "/null", "/pipe", "/\u00fc\u4e16", "null");
    assertEquals(1, catalog().files(at("/system-a\\x2db.slice"), all()).size());
    assertEquals(04755, catalog().files(at("pipe"), all()).get(0).item().mode());
  }

  @Test
  void whatIsNewIsThereWithTheNextQuestion() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    agrees("/f", "f");
    store.commit("web", List.of("a 2"), Map.of("f", store.file("2"), "g", store.file("3")));
    agrees("/f", "/g");
    store.makeCurrent("web", 1);
    agrees("/f");
    store.commit("db", List.of("a 1"), Map.of("f", store.file("1")));
    agrees("/f", "/g", "f");
  }

  @Test
  void whatIsDroppedIsGoneAndLeavesNoRows() throws Exception {
    for (int i = 0; i < 6; i++) {
      store.commit("web", List.of("a " + i), Map.of("d/f" + i, store.file("" + i)));
    }
    store.commit("db", List.of("b 1"), Map.of("d/f0", store.file("0")));
    agrees("f0");
    store.drop("web", Set.of(2));
    agrees("f0", "f1", "d");
    assertEquals(5 + 1, rows("SELECT COUNT(*) FROM generation WHERE milliseconds = 1500"));
    assertEquals(5 + 1, rows("SELECT COUNT(*) FROM package"));
    assertEquals(2 * 5, rows("SELECT COUNT(*) FROM tree"));
    assertEquals(2 * 5, rows("SELECT COUNT(*) FROM entry"));
    store.drop("web", Set.of(1, 3, 4, 5));
    agrees("f0", "f2", "d");
    store.remove("db");
    agrees("f0", "d");
    assertEquals(2, rows("SELECT COUNT(*) FROM entry"));
  }

  @Test
  void turnsSayWhatWasCurrentWhen() throws Exception {
    store.commit("web", List.of(), Map.of("f", store.file("1")));
    store.commit("web", List.of(), Map.of("f", store.file("2")));
    agrees("f");
    store.makeCurrent("web", 1);
    store.commit("db", List.of(), Map.of("f", store.file("1")));
    agrees("f");
    assertEquals(4, rows("SELECT COUNT(*) FROM turn"));
    assertEquals(2, rows("SELECT COUNT(*) FROM turn WHERE ended IS NULL"));
    assertEquals(
        1,
        rows(
            "SELECT number FROM turn WHERE profile = 'web' AND began <= '2026-01-02T03:04:05.2'"
                + " AND ended > '2026-01-02T03:04:05.2'"));
    assertEquals(1, rows("SELECT number FROM turn WHERE profile = 'web' AND ended IS NULL"));
    store.remove("db");
    agrees("f");
    assertEquals(3, rows("SELECT COUNT(*) FROM turn"));
  }

  @Test
  void equalTreesAndPackagesAreInsertedOnce() throws Exception {
    Map<String, Node> nodes =
        Map.of("usr/share/a", store.file("a"), "opt/share/a", store.file("a"));
    store.commit("web", List.of("a 1", "b 1"), nodes);
    store.commit("copy", List.of("a 1", "b 1"), nodes);
    agrees("share/a", "/usr/share/a");
    assertEquals(3, rows("SELECT COUNT(*) FROM tree"));
    assertEquals(4, rows("SELECT COUNT(*) FROM entry"));
    assertEquals(2, rows("SELECT COUNT(*) FROM installed"));
    assertEquals(1003, rows("SELECT MAX(bytes) FROM part"));
    assertEquals(2, rows("SELECT COUNT(*) FROM change"));
  }

  /** As docs/guide/find.md asks, but for the names of schemas. */
  @Test
  void peopleCanAskInSql() throws Exception {
    store.commit("web", List.of("openssl 1", "b 1"), Map.of("f", store.file("1")));
    store.commit("web", List.of("openssl 2", "b 1"), Map.of("f", store.file("1")));
    store.commit("db", List.of("openssl 1"), Map.of("g", store.file("1")));
    agrees("f");
    String current =
        """
        SELECT COUNT(*) FROM generation
        JOIN profile ON profile.name = generation.profile AND profile.present = generation.number
        JOIN part ON part.record = generation.record
        JOIN installed ON installed.packages = part.packages
        JOIN package ON package.id = installed.package
        WHERE package.name = 'openssl'""";
    assertEquals(2, rows(current));
    assertEquals(1, rows(current + " AND package.version = '2'"));
  }

  @Test
  void aDamagedCatalogIsMadeAnew() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    agrees("f");
    damage();
    compare("f");
    assertTrue(notices.size() > 0, notices::toString);
    store.commit("web", List.of("a 2"), Map.of("f", store.file("1")));
    damage();
    compare("f");
    agrees("f");
  }

  @Test
  void aCatalogOfAnotherStoreOrAheadOfTheJournalIsMadeAnew() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    SampleStore other = new SampleStore("two");
    other.commit("web", List.of("b 1"), Map.of("g", other.file("1")));
    other.commit("web", List.of("b 2"), Map.of("g", other.file("2")));
    assertEquals(List.of("b"), catalog(other).packageNames());
    agrees("f", "g");
    assertEquals(List.of("b"), catalog(other).packageNames());
    other.drop("web", Set.of(1));
    other.forget(2);
    assertEquals(1, catalog(other).packages("b", version -> true, all()).size());
    agrees("f", "g");
  }

  @Test
  void whatIsMissingIsNamedAndTakenInWhenItIsBack() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("d/f", store.file("1")));
    Generation second = store.commit("web", List.of("a 2"), Map.of("d/f", store.file("2")));
    BuildRecord record =
        BuildRecord.decode(second.record(), store.blobs().read(second.record(), 1 << 20));
    Digest root = record.parts().get(0).tree().digest();
    for (Digest each : List.of(root, second.record())) {
      store.lose(each);
      assertEquals(List.of("web@1/d/f"), places(catalog().files(at("/d/f"), all())));
      assertEquals(1, gaps.size(), gaps::toString);
      assertTrue(gaps.get(0).contains("web@2"), gaps::toString);
      gaps.clear();
    }
    assertEquals(1, catalog().packages("a", version -> true, all()).size());
    assertFalse(gaps.isEmpty());
    gaps.clear();
    store.find(root);
    store.find(second.record());
    agrees("/d/f", "f");
  }

  @Test
  void removingItChangesNoAnswer() throws Exception {
    store.commit("web", List.of("a 1"), Map.of("f", store.file("1")));
    agrees("f");
    catalog().discard();
    agrees("f");
  }

  @Test
  void randomHistoriesGiveTheAnswersOfTheStore() throws Exception {
    Random random = new Random(7);
    String[] names = {"a", "b", "c", "usr", "etc"};
    for (int step = 0; step < 60; step++) {
      String profile = "p" + random.nextInt(3);
      int kind = random.nextInt(10);
      List<Generation> there = store.profile(profile).map(p -> p.generations()).orElse(List.of());
      if (kind < 6 || there.isEmpty()) {
        store.commit(profile, randomParts(random, names));
      } else if (kind < 8) {
        store.makeCurrent(profile, there.get(random.nextInt(there.size())).number());
      } else {
        int current = store.profile(profile).orElseThrow().current();
        Set<Integer> dropped = new java.util.HashSet<>();
        there.forEach(each -> dropped.add(each.number()));
        dropped.removeIf(number -> number == current || random.nextInt(3) > 0);
        store.drop(profile, dropped);
      }
      if (random.nextInt(3) == 0) {
        agrees("/a", "/usr/a", "/b/c", "a", "usr", "usr/a", "b/c/a", "/etc/usr/b", "c");
      }
    }
  }

  private SortedMap<Platform, SampleStore.Content> randomParts(Random random, String[] names)
      throws IOException {
    TreeMap<Platform, SampleStore.Content> parts = new TreeMap<>();
    for (Platform platform : List.of(SampleStore.AMD, SampleStore.ARM)) {
      List<String> packages = new ArrayList<>();
      for (String name : names) {
        if (random.nextBoolean()) {
          packages.add(name + " " + random.nextInt(3));
        }
      }
      Map<String, Node> nodes = new HashMap<>();
      for (int i = 0; i < 6; i++) {
        StringBuilder path = new StringBuilder();
        for (int depth = random.nextInt(4); depth >= 0; depth--) {
          path.append('/').append(names[random.nextInt(names.length)]);
        }
        nodes.put(
            path.toString(),
            random.nextInt(4) == 0
                ? SampleStore.link(random.nextBoolean() ? "/usr" : "../a/./c")
                : store.file("" + random.nextInt(3)));
      }
      nodes
          .keySet()
          .removeIf(path -> nodes.keySet().stream().anyMatch(o -> o.startsWith(path + "/")));
      parts.put(platform, SampleStore.content(packages, nodes));
      if (random.nextBoolean()) {
        break;
      }
    }
    return parts;
  }

  /** One number, asked of the database itself, as people may. */
  abstract long rows(String sql) throws Exception;
}
