package dev.imgstore.builder.source.debian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebianVersionTest {

  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0, 0",
    "1.0, 0:1.0, 0",
    "1.0, 1.0-0, 0",
    "1.0-1, 1.0-01, 0",
    "0:0-0, 0, 0",
    "1.0~rc1, 1.0, -1",
    "1.0~, 1.0~~, 1",
    "1.0~~a, 1.0~, -1",
    "1.0a, 1.0+, -1",
    "1.0, 1.0a, -1",
    "1.9, 1.10, -1",
    "9, 1:1, -1",
    "2:1, 1:9, 1",
    "1.0-1, 1.0-1+b1, -1",
    "1.0-1, 1.0-1~bpo12+1, 1",
    "1.0-2-1, 1.0-3, 1",
    "20130101, 20130101.1, -1",
    "99999999999999999999999, 99999999999999999999998, 1",
    "1.0.A, 1.0.a, -1",
    "1a, 1.1, -1"
  })
  void ordersAsPolicySays(String older, String newer, int order) {
    assertEquals(order, Integer.signum(DebianVersion.compare(older, newer)));
    assertEquals(-order, Integer.signum(DebianVersion.compare(newer, older)));
    assertEquals(
        order, Integer.signum(new DebianVersion(older).compareTo(new DebianVersion(newer))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-1", "1:", ":1", "a:1", "1 2", "1_2", "1-", "1.0-1:2x-/", "1-a:b", "é"})
  void refusesWhatIsNoVersion(String text) {
    assertThrows(IllegalArgumentException.class, () -> new DebianVersion(text));
  }

  @Test
  void keepsTheTextAsWritten() {
    assertEquals("0:1.0-0", new DebianVersion("0:1.0-0").toString());
  }
}
