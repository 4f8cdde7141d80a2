package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.Problem;
import org.junit.jupiter.api.Test;

class CaretsTest {
  @Test
  void theWordIsUnderlined() {
    assertEquals(
        """
        r.yaml:2:3: wrong
          2 |   bad: 1
            |   ^^^""",
        Carets.render(new Problem("r.yaml", 2, 3, "wrong"), "image:\n  bad: 1\n"));
  }

  @Test
  void aProblemWithoutAPlaceIsOneLine() {
    assertEquals("r.yaml: wrong", Carets.render(new Problem("r.yaml", 0, 0, "wrong"), "x"));
    assertEquals("r.yaml:9:1: wrong", Carets.render(new Problem("r.yaml", 9, 1, "wrong"), "x"));
  }

  @Test
  void tabsStayTabsSoThatTheCaretStandsRight() {
    assertEquals(
        "r:1:3: wrong\n  1 | a\tb\n    |  \t^",
        Carets.render(new Problem("r", 1, 3, "wrong"), "a\tb"));
  }

  @Test
  void theCaretMayStandAfterTheLine() {
    assertEquals(
        "r:1:2: wrong\n  1 | a\n    |  ^", Carets.render(new Problem("r", 1, 2, "wrong"), "a\n"));
  }

  @Test
  void whatCouldSteerATerminalIsReplaced() {
    assertEquals(
        "r:1:1: wrong\n  1 | a\ufffd[2J\ufffdb\n    | ^^",
        Carets.render(new Problem("r", 1, 1, "wrong"), "a\u001b[2J\u202eb"));
  }
}
