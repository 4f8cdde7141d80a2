package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class IdentityTest {
  private static String in(String text, Map<String, String> environment) {
    return Identity.parse(text).in(environment);
  }

  @Test
  void namedVariablesAreReadAndNoOther() {
    Map<String, String> environment = Map.of("JOB", "12", "REPO", "web", "HOME", "/root");
    assertEquals("ci web #12", in("ci ${REPO} #${JOB}", environment));
    assertEquals("ci web #", in("ci ${REPO} #${NO}", environment));
    assertEquals("$HOME and }", in("$HOME and }", environment));
    assertEquals("build host", in("build host", Map.of()));
  }

  @Test
  void whereNoVariableIsSetThereIsNoSuchRun() {
    assertEquals("", in("ci ${REPO} #${JOB}", Map.of("REPO", " ")));
  }

  @Test
  void aValueForgesNothingAndIsNotLong() {
    String value = "a;b) (as root\n\u202ex\ud800\u0007";
    assertEquals("ci a?b? ?as root??x??", in("ci ${V}", Map.of("V", value)));
    assertEquals(Identity.MAX, in("${V}", Map.of("V", "x".repeat(5000))).length());
  }

  @Test
  void mistakesAreNamed() {
    for (String bad : new String[] {"${", "${}", "a ${1} b", "${A B}", "x".repeat(201)}) {
      assertThrows(IllegalArgumentException.class, () -> Identity.parse(bad), bad);
    }
    for (String secret : new String[] {"${CI_JOB_TOKEN}", "${password}", "${MY_SECRET_ID}"}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Identity.parse(secret));
      assertTrue(String.valueOf(e.getMessage()).contains("secret"));
    }
  }
}
