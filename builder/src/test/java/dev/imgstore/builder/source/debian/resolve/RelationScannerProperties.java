package dev.imgstore.builder.source.debian.resolve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.Relation;
import dev.imgstore.builder.source.debian.Relations;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RelationScannerProperties {
  private static final String[] OPERATORS = {"", "<=", ">=", "<<", ">>", "="};

  @Property
  void readsAsTheStrictReaderDoes(@ForAll("fields") String field) throws Malformed {
    List<List<Relation>> expected = Relations.read("test", field).clauses();
    RelationScanner scanner = new RelationScanner();
    byte[] bytes = ("x" + field + "y").getBytes(UTF_8);
    scanner.start(bytes, 1, bytes.length - 1);
    List<String> found = new ArrayList<>();
    StringBuilder clause = new StringBuilder();
    while (scanner.next("test", 1)) {
      clause.append(text(bytes, scanner.nameFrom, scanner.nameTo));
      if (scanner.architectureTo > scanner.architectureFrom) {
        clause.append(':').append(text(bytes, scanner.architectureFrom, scanner.architectureTo));
      }
      if (scanner.operator != RelationScanner.ANY) {
        clause
            .append(" (")
            .append(OPERATORS[scanner.operator])
            .append(' ')
            .append(text(bytes, scanner.versionFrom, scanner.versionTo))
            .append(')');
      }
      if (scanner.or) {
        clause.append(" | ");
      } else {
        found.add(clause.toString());
        clause.setLength(0);
      }
    }
    assertEquals(
        expected.stream().map(one -> new Relations(List.of(one)).toString()).toList(), found);
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, UTF_8);
  }

  @Provide
  Arbitrary<String> fields() {
    Arbitrary<String> relation =
        Combinators.combine(
                Arbitraries.of("a", "lib-x+", "g++", "0ad.x"),
                Arbitraries.of("", ":any", ":i386", ":native"),
                Arbitraries.of(
                    "", " (>= 1)", "(<<2:3~)", " ( = 1.0-1 ) ", " (<= 3)", " (> 4)", " (5)"))
            .as((name, architecture, version) -> name + architecture + version);
    Arbitrary<String> separator = Arbitraries.of(", ", ",", " | ", "|", ",\n ");
    return Combinators.combine(
            relation.list().ofMinSize(1).ofMaxSize(5), separator.list().ofSize(5))
        .as(
            (relations, separators) -> {
              StringBuilder text = new StringBuilder(relations.get(0));
              for (int i = 1; i < relations.size(); i++) {
                text.append(separators.get(i)).append(relations.get(i));
              }
              return text.toString();
            });
  }
}
