package dev.imgstore.builder.source.debian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.Relation.Operator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelationsTest {

  @Test
  void readsEveryPartOfAField() throws Malformed {
    Relations relations =
        Relations.read(
            "Depends of test",
            "libc6 (>= 2.36), default-mta | mail-transport-agent ,python3:any (<<3.12) , gcc"
                + " [amd64 arm64], x [!i386]");
    assertEquals(
        "libc6 (>= 2.36), default-mta | mail-transport-agent, python3:any (<< 3.12),"
            + " gcc [amd64 arm64], x [!i386]",
        relations.toString());
    assertEquals(2, relations.clauses().get(1).size());
    Relation python = relations.clauses().get(2).get(0);
    assertEquals("any", python.architecture());
    assertTrue(python.accepts("3.11.2-1"));
    assertFalse(python.accepts("3.12"));
  }

  @Test
  void readsTheOldOperatorsAsDpkgDoes() throws Malformed {
    List<List<Relation>> clauses = Relations.read("test", "a (< 1), b (> 1), c (1)").clauses();
    assertEquals(Operator.AT_MOST, clauses.get(0).get(0).operator());
    assertEquals(Operator.AT_LEAST, clauses.get(1).get(0).operator());
    assertEquals(Operator.EQUAL, clauses.get(2).get(0).operator());
  }

  @Test
  void restrictionsChooseArchitectures() throws Malformed {
    List<List<Relation>> clauses =
        Relations.read("test", "a [amd64 arm64], b [!amd64], c, d [linux-any], e [any-amd64]")
            .clauses();
    assertTrue(clauses.get(0).get(0).appliesTo("amd64"));
    assertFalse(clauses.get(0).get(0).appliesTo("i386"));
    assertFalse(clauses.get(1).get(0).appliesTo("amd64"));
    assertTrue(clauses.get(1).get(0).appliesTo("i386"));
    assertTrue(clauses.get(2).get(0).appliesTo("i386"));
    assertTrue(clauses.get(3).get(0).appliesTo("i386"));
    assertFalse(clauses.get(4).get(0).appliesTo("i386"));
  }

  @Test
  void anEmptyFieldHasNoClauses() throws Malformed {
    assertEquals(List.of(), Relations.read("test", "  ").clauses());
    assertEquals(1, Relations.read("test", "a,\n").clauses().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a (",
        "a (>= )",
        "a (>= 1",
        "a | ",
        ",a",
        "a,,b",
        "a (>= 1_2)",
        "a []",
        "a [!x y]",
        "a <!nocheck>",
        "a (== 1)",
        "-a",
        "a (>= 1) (<< 2)",
        "é"
      })
  void refusesWhatIsNoRelationship(String text) {
    assertThrows(Malformed.class, () -> Relations.read("test", text));
  }
}
