package dev.imgstore.builder.lock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class LockCodecProperties {
  @Property(tries = 300)
  void readingWhatWasWrittenGivesTheSame(@ForAll("locks") Lock lock, @ForAll Random random) {
    byte[] text = LockCodec.write(lock);
    Lock again = LockCodecTest.read(new String(text, StandardCharsets.UTF_8));
    assertEquals(lock, again);
    assertArrayEquals(text, LockCodec.write(again));
    List<Lock.Input> shuffled = new java.util.ArrayList<>(lock.inputs());
    Collections.shuffle(shuffled, random);
    assertArrayEquals(
        text, LockCodec.write(new Lock(lock.source(), lock.date(), shuffled, lock.fetched())));
    assertEquals(
        lock.pinned().size() + (lock.fetched().isEmpty() ? 7 : 9),
        new String(text, StandardCharsets.UTF_8).lines().count());
  }

  @Property(tries = 500)
  void anyDamageIsReadOrRefusedWithProblems(
      @ForAll("locks") Lock lock,
      @ForAll @IntRange(max = 2000) int at,
      @ForAll @IntRange(max = 20) int removed,
      @ForAll("pieces") String put) {
    String text = new String(LockCodec.write(lock), StandardCharsets.UTF_8);
    int from = Math.min(at, text.length());
    String damaged =
        text.substring(0, from) + put + text.substring(Math.min(from + removed, text.length()));
    int problems =
        LockCodec.read("x.lock", damaged.getBytes(StandardCharsets.UTF_8))
            .match(read -> 1, mistakes -> mistakes.problems().size());
    assertTrue(problems >= 1);
  }

  @Property(tries = 300)
  void anyBytesAreReadOrRefusedWithProblems(@ForAll byte[] bytes) {
    LockCodec.read("x.lock", bytes)
        .match(
            read -> true,
            mistakes -> {
              assertFalse(mistakes.problems().isEmpty());
              return false;
            });
  }

  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.of(
        "", "{", "}", "[", "]", "\"", ",", ":", "\n", "1", "x", "null", "\0", "é");
  }

  @Provide
  Arbitrary<Lock> locks() {
    Arbitrary<String> word =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(6);
    Arbitrary<String> printable =
        Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(6);
    Arbitrary<Lock.Input> input =
        Combinators.combine(
                Arbitraries.of("linux/amd64", "linux/arm/v7"),
                word,
                printable,
                Arbitraries.of("", "all", "arm64"),
                Arbitraries.of("", "bookworm"),
                Arbitraries.longs().between(0, 999_999_999_999_999_999L),
                word.list().ofMinSize(1).ofMaxSize(3),
                printable)
            .as(
                (platform, name, version, architecture, suite, size, path, reason) ->
                    new Lock.Input(
                        "debian",
                        Platform.parse(platform),
                        name,
                        version,
                        architecture,
                        suite,
                        suite,
                        Digest.of(version.getBytes(StandardCharsets.UTF_8)),
                        size,
                        String.join("/", path),
                        reason));
    Arbitrary<Lock.Fetched> fetched =
        Combinators.combine(word, printable, word.list().ofMinSize(1).ofMaxSize(3))
            .as(
                (name, version, path) ->
                    new Lock.Fetched(
                        name,
                        "0123456789abcdef",
                        "url",
                        version,
                        version.length() % 2 == 0 ? "" : version,
                        Digest.of(version.getBytes(StandardCharsets.UTF_8)),
                        version.length(),
                        String.join("/", path),
                        "requested",
                        version.length() % 3 == 0 ? "" : version));
    return Combinators.combine(
            input.list().ofMaxSize(6),
            fetched.list().ofMaxSize(3),
            Arbitraries.longs().between(0, 253_402_300_799L))
        .as(
            (inputs, files, date) -> {
              TreeMap<String, Lock.Fetched> once = new TreeMap<>();
              files.forEach(one -> once.put(one.identity(), one));
              TreeMap<String, Lock.Input> distinct = new TreeMap<>();
              inputs.forEach(one -> distinct.put(one.identity(), one));
              return new Lock(
                  Digest.of(new byte[] {1}),
                  Instant.ofEpochSecond(date),
                  List.copyOf(distinct.values()),
                  List.copyOf(once.values()));
            });
  }
}
