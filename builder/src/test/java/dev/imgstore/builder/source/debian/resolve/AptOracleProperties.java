package dev.imgstore.builder.source.debian.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.statistics.Statistics;

/**
 * Small archives at random, of three suites and two architectures, beside apt: where apt finds a
 * set of packages, it is ours. Where apt gives up, ours may be better.
 */
class AptOracleProperties {
  private static final List<String> NAMES =
      List.of("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj");

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void whereAptFindsASetItIsOurs(
      @ForAll("archives") List<List<String>> suites,
      @ForAll("requests") List<String> wanted,
      @ForAll boolean recommends)
      throws IOException, InterruptedException {
    assumeTrue(AptOracle.isThere());
    Path root = Files.createTempDirectory("apt-oracle");
    try {
      AptOracle apt = new AptOracle(root, List.of("amd64", "i386"));
      TestArchive archive = archive(apt, suites);
      Optional<SortedSet<String>> expected = apt.install(recommends, wanted);
      Result ours =
          archive.resolve(
              Base.NONE,
              recommends ? Recommends.FOLLOW : Recommends.IGNORE,
              wanted.toArray(String[]::new));
      Statistics.collect(expected.isPresent());
      Statistics.coverage(found -> found.check(true).percentage(share -> share > 40));
      if (expected.isPresent()) {
        assertEquals(expected, AptOracle.print(ours), () -> TestArchive.print(ours));
      }
    } finally {
      delete(root);
    }
  }

  private static TestArchive archive(AptOracle apt, List<List<String>> suites) throws IOException {
    TestArchive archive = new TestArchive().foreign("i386");
    int[] priorities = {500, 500, 100};
    for (int i = 0; i < suites.size(); i++) {
      String suite = "suite" + i;
      for (String architecture : List.of("amd64", "i386")) {
        List<String> stanzas =
            suites.get(i).stream()
                .filter(
                    stanza ->
                        stanza.contains("Architecture: " + architecture)
                            || stanza.contains("Architecture: all"))
                .toList();
        if (!stanzas.isEmpty()) {
          archive.suite(suite, priorities[i], architecture, String.join("\n\n", stanzas));
          archive.writeLast(apt);
        }
      }
    }
    return archive;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Provide
  Arbitrary<List<String>> requests() {
    return Arbitraries.frequencyOf(
            Tuple.of(25, Arbitraries.of(NAMES)),
            Tuple.of(1, Arbitraries.of(NAMES).map(name -> name + ":i386")))
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .uniqueElements();
  }

  /** The first suite has every name once; the others have some again, in other versions. */
  @Provide
  Arbitrary<List<List<String>>> archives() {
    List<Arbitrary<String>> all =
        NAMES.stream().map(name -> stanza(Arbitraries.just(name))).toList();
    Arbitrary<List<String>> first = Combinators.combine(all).as(List::copyOf);
    Arbitrary<List<String>> more =
        stanza(Arbitraries.of(NAMES)).list().ofMaxSize(5).map(AptOracleProperties::unique);
    return Combinators.combine(first, more, more).as(List::of);
  }

  /** No version twice in one index. */
  private static List<String> unique(List<String> stanzas) {
    List<String> kept = new ArrayList<>();
    for (String stanza : stanzas) {
      String key = stanza.substring(0, stanza.indexOf("Architecture"));
      if (kept.stream().noneMatch(other -> other.startsWith(key))) {
        kept.add(stanza);
      }
    }
    return Collections.unmodifiableList(kept);
  }

  private static Arbitrary<String> stanza(Arbitrary<String> names) {
    Arbitrary<String> name =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(NAMES)), Tuple.of(2, Arbitraries.of("v1", "v2", "v3")));
    Arbitrary<String> version =
        Arbitraries.frequencyOf(
            Tuple.of(24, Arbitraries.just("")),
            Tuple.of(3, Arbitraries.of(" (>= 1)", " (>= 2)", " (<< 3)", " (= 1)")));
    Arbitrary<String> any =
        Arbitraries.frequencyOf(
            Tuple.of(60, Arbitraries.just("")), Tuple.of(1, Arbitraries.just(":any")));
    Arbitrary<String> relation = Combinators.combine(name, any, version).as((n, a, v) -> n + a + v);
    Arbitrary<String> clause =
        relation.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join(" | ", parts));
    Arbitrary<String> needs = clause.list().ofMaxSize(3).map(parts -> String.join(", ", parts));
    Arbitrary<String> conflicts =
        Arbitraries.frequencyOf(
            Tuple.of(9, Arbitraries.just("")),
            Tuple.of(1, Combinators.combine(name, version).as(String::concat)));
    Arbitrary<String> provides =
        Arbitraries.frequencyOf(
            Tuple.of(2, Arbitraries.just("")),
            Tuple.of(2, Arbitraries.of("v1", "v2", "v3", "v1, v2", "v2 (= 2)", "v3 (= 1), v1")));
    Arbitrary<Tuple2<String, String>> kind =
        Combinators.combine(
                Arbitraries.of("no", "no", "no", "foreign", "same", "allowed"),
                Arbitraries.frequencyOf(
                    Tuple.of(24, Arbitraries.just("amd64")),
                    Tuple.of(2, Arbitraries.just("all")),
                    Tuple.of(1, Arbitraries.just("i386"))))
            .as(
                (multi, architecture) ->
                    Tuple.of(
                        multi.equals("same") && architecture.equals("all") ? "no" : multi,
                        architecture));
    return Combinators.combine(
            names,
            Arbitraries.of("1", "2", "3"),
            kind,
            needs,
            needs,
            conflicts,
            provides,
            Arbitraries.of("optional", "optional", "extra", "important"))
        .as(AptOracleProperties::stanza);
  }

  private static String stanza(
      String name,
      String version,
      Tuple2<String, String> kind,
      String depends,
      String recommends,
      String conflicts,
      String provides,
      String priority) {
    StringBuilder text = new StringBuilder();
    field(text, "Package", name);
    field(text, "Version", version);
    field(text, "Architecture", kind.get2());
    field(text, "Multi-Arch", kind.get1());
    field(text, "Priority", priority);
    field(text, "Depends", depends);
    field(text, "Recommends", recommends);
    field(text, "Breaks", conflicts);
    field(text, "Provides", provides);
    return text.toString().strip();
  }

  private static void field(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(": ").append(value).append('\n');
    }
  }
}
