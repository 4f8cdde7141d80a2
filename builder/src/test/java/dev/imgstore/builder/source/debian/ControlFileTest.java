package dev.imgstore.builder.source.debian;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlFileTest {

  @Test
  void readsParagraphsCommentsAndContinuations() throws Malformed {
    List<Stanza> stanzas =
        ControlFile.read(
            "test",
            """
            # a comment
            Package: hello
            Description: short
             long
             .
              indented

            \t
            Package:other
            Conffiles:
             /etc/a 1
             /etc/b 2
            """);
    assertEquals(2, stanzas.size());
    assertEquals("short\nlong\n.\n indented", stanzas.get(0).get("description").orElseThrow());
    assertEquals("other", stanzas.get(1).get("PACKAGE").orElseThrow());
    assertEquals("\n/etc/a 1\n/etc/b 2", stanzas.get(1).get("Conffiles").orElseThrow());
    assertEquals(9, stanzas.get(1).line());
  }

  @ParameterizedTest
  @CsvSource({
    "' leading', 1, continuation",
    "'A: b\nno colon here', 2, neither",
    "'A: b\nC: d\na: e', 3, twice",
    "'A b: c', 1, no field name",
    "'-A: c', 1, no field name",
    "': c', 1, no field name",
    "'A: b\0', 1, zero byte"
  })
  void refusesNamingTheLine(String text, int line, String part) {
    Malformed refusal = assertThrows(Malformed.class, () -> ControlFile.read("test", text));
    assertEquals(line, refusal.line());
    assertTrue(refusal.toString().contains(part), refusal::toString);
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] bytes = {'A', ':', ' ', (byte) 0xff, '\n'};
    assertThrows(Malformed.class, () -> ControlFile.read("test", bytes));
  }

  @Test
  void refusesTwoParagraphsWhereOneIsMeant() {
    byte[] bytes = "A: b\n\nC: d\n".getBytes(UTF_8);
    assertThrows(Malformed.class, () -> ControlFile.readOne("test", bytes));
  }
}
