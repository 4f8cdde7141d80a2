package dev.imgstore.builder.source.debian.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.Relation;
import dev.imgstore.builder.source.debian.Relations;
import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import dev.imgstore.builder.source.debian.resolve.Result.Chosen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Small universes at random, beside a judge that tries every set of packages. */
class ResolverProperties {
  private static final String[] NAMES = {"aa", "bb", "cc", "dd", "ee"};

  /** One version of a package, as the judge sees it. */
  record Row(String name, String version, String depends, String conflicts, String provides) {
    String stanza() {
      return "Package: %s\nVersion: %s\nDepends: %s\nConflicts: %s\nProvides: %s\n"
          .formatted(name, version, depends, conflicts, provides)
          .lines()
          .filter(line -> !line.endsWith(": "))
          .collect(Collectors.joining("\n"));
    }
  }

  @Property(tries = 400)
  void findsAValidSetExactlyIfThereIsOne(@ForAll("archives") List<Row> rows) throws Malformed {
    TestArchive archive =
        TestArchive.of(rows.stream().map(Row::stanza).collect(Collectors.joining("\n\n")));
    String[] wanted = {rows.get(0).name(), rows.get(rows.size() - 1).name()};
    Result result = archive.resolve(wanted);
    boolean possible = possible(rows, wanted);
    assertEquals(possible, result instanceof Result.Resolved, () -> TestArchive.print(result));
    if (result instanceof Result.Resolved resolved) {
      List<Row> chosen = new ArrayList<>();
      for (Chosen one : resolved.packages()) {
        rows.stream()
            .filter(row -> row.name().equals(one.name()) && row.version().equals(one.version()))
            .forEach(chosen::add);
      }
      assertTrue(valid(chosen, wanted), () -> TestArchive.print(result));
    }
  }

  @Property(tries = 200)
  void givesTheSameTwice(@ForAll("archives") List<Row> rows) {
    TestArchive archive =
        TestArchive.of(rows.stream().map(Row::stanza).collect(Collectors.joining("\n\n")));
    String name = rows.get(0).name();
    assertEquals(
        archive.resolve(Base.NONE, Recommends.FOLLOW, name),
        archive.resolve(Base.NONE, Recommends.FOLLOW, name));
  }

  private static boolean possible(List<Row> rows, String[] wanted) throws Malformed {
    for (int set = 0; set < 1 << rows.size(); set++) {
      List<Row> chosen = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        if ((set >> i & 1) != 0) {
          chosen.add(rows.get(i));
        }
      }
      if (valid(chosen, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean valid(List<Row> chosen, String[] wanted) throws Malformed {
    Map<String, Row> byName = new HashMap<>();
    for (Row row : chosen) {
      if (byName.put(row.name(), row) != null) {
        return false;
      }
    }
    for (String name : wanted) {
      if (!byName.containsKey(name)) {
        return false;
      }
    }
    for (Row row : chosen) {
      for (List<Relation> clause : Relations.read("test", row.depends()).clauses()) {
        if (clause.stream().noneMatch(one -> chosen.stream().anyMatch(r -> is(r, one)))) {
          return false;
        }
      }
      for (List<Relation> clause : Relations.read("test", row.conflicts()).clauses()) {
        if (chosen.stream()
            .anyMatch(other -> !other.name().equals(row.name()) && is(other, clause.get(0)))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean is(Row row, Relation relation) {
    return (row.name().equals(relation.name()) && relation.accepts(row.version()))
        || (row.provides().equals(relation.name()) && relation.operator() == Relation.Operator.ANY);
  }

  @Provide
  Arbitrary<List<Row>> archives() {
    Arbitrary<String> name = Arbitraries.of("aa", "bb", "cc", "dd", "ee", "virtual");
    Arbitrary<String> relation =
        Combinators.combine(name, Arbitraries.of("", "", "", " (>= 2)", " (<< 2)", " (= 1)"))
            .as(String::concat);
    Arbitrary<String> clause =
        relation.list().ofMinSize(1).ofMaxSize(2).map(parts -> String.join(" | ", parts));
    Arbitrary<String> depends = clause.list().ofMaxSize(2).map(parts -> String.join(", ", parts));
    Arbitrary<String> conflicts =
        Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just("")), Tuple.of(1, relation));
    Arbitrary<String> provides = Arbitraries.of("", "", "virtual");
    Arbitrary<Row> row =
        Combinators.combine(
                Arbitraries.of(NAMES), Arbitraries.of("1", "2"), depends, conflicts, provides)
            .as(Row::new);
    return row.list().ofMinSize(1).ofMaxSize(8).uniqueElements(r -> r.name() + r.version());
  }
}
