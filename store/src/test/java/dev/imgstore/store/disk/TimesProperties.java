package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class TimesProperties {
  private static final List<String> EDGES =
      List.of(
          "1000-01-01T00:00:00Z",
          "0999-12-31T23:59:59Z",
          "9999-12-31T23:59:59Z",
          "+10000-01-01T00:00:00Z",
          "1969-12-31T23:59:59Z",
          "1970-01-01T00:00:00Z",
          "2024-02-29T12:34:56Z",
          "2024-02-29T12:34:56.789Z",
          "0000-02-29T00:00:00Z",
          "2023-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z",
          "2026-00-10T00:00:00Z",
          "2026-04-31T00:00:00Z",
          "2026-06-30T23:59:60Z",
          "2026-06-30T24:00:00Z",
          "2026-06-30T25:00:00Z",
          "2026-06-30T00:60:00Z",
          "2026-06-30t00:00:00z",
          "2026-06-30T00:00:00+",
          "2026-06-30 00:00:00Z",
          "2026-06-3\u0660T00:00:00Z");

  @Provide
  Arbitrary<Instant> instants() {
    Arbitrary<Instant> whole =
        Arbitraries.longs().between(-70_000_000_000L, 300_000_000_000L).map(Instant::ofEpochSecond);
    Arbitrary<Instant> parts =
        Arbitraries.longs().between(-1_000_000_000L, 4_000_000_000_000L).map(Instant::ofEpochMilli);
    return Arbitraries.oneOf(whole, whole, parts);
  }

  /** A usual text in which a few characters are others. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Character> others = Arbitraries.chars().with("0123456789-:TZ.+ ".toCharArray());
    return instants()
        .flatMap(
            instant ->
                others
                    .list()
                    .ofSize(2)
                    .flatMap(
                        chars ->
                            Arbitraries.integers()
                                .between(0, 19)
                                .list()
                                .ofSize(2)
                                .map(places -> changed(instant.toString(), places, chars))));
  }

  private static String changed(String text, List<Integer> places, List<Character> chars) {
    StringBuilder out = new StringBuilder(text);
    for (int i = 0; i < places.size(); i++) {
      out.setCharAt(places.get(i), chars.get(i));
    }
    return out.toString();
  }

  private static Optional<Instant> ours(String text) {
    try {
      return Optional.of(Times.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> theirs(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Property
  void isWrittenAndReadAsTheJdkDoes(@ForAll("instants") Instant instant) {
    assertEquals(instant.toString(), Times.print(instant));
    assertEquals(instant, Times.parse(Times.print(instant)));
  }

  @Property(tries = 5000)
  void whatIsNoInstantForTheJdkIsNoneHere(@ForAll("texts") String text) {
    assertEquals(theirs(text), ours(text), text);
  }

  @Test
  void theEdgesAreReadAsTheJdkDoes() {
    EDGES.forEach(text -> assertEquals(theirs(text), ours(text), text));
  }
}
