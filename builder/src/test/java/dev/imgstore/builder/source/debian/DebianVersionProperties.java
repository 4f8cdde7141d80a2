package dev.imgstore.builder.source.debian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DebianVersionProperties {
  private static final Path DPKG = Path.of("/usr/bin/dpkg");

  @Property(tries = 250)
  void dpkgOrdersTheSame(@ForAll("versions") String a, @ForAll("versions") String b)
      throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(DPKG));
    int order = DebianVersion.compare(a, b);
    String relation = order < 0 ? "lt" : order > 0 ? "gt" : "eq";
    Process dpkg =
        new ProcessBuilder(DPKG.toString(), "--compare-versions", a, relation, b)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, dpkg.waitFor(), a + " " + relation + " " + b);
  }

  @Property
  void theOrderIsTotal(
      @ForAll("versions") String a, @ForAll("versions") String b, @ForAll("versions") String c) {
    assertEquals(
        Integer.signum(DebianVersion.compare(a, b)), -Integer.signum(DebianVersion.compare(b, a)));
    if (DebianVersion.compare(a, b) <= 0 && DebianVersion.compare(b, c) <= 0) {
      assertTrue(DebianVersion.compare(a, c) <= 0);
    }
  }

  @Provide
  Arbitrary<String> versions() {
    // Few characters, so that versions share beginnings and differ where the rules are subtle.
    Arbitrary<String> part =
        Arbitraries.strings().withChars('0', '1', '2', '9', 'a', 'B', '~', '+', '.').ofMaxLength(5);
    return net.jqwik.api.Combinators.combine(
            Arbitraries.of("", "0:", "1:", "12:"), part, Arbitraries.of("", "-0", "-", "-~"), part)
        .as((epoch, upstream, dash, revision) -> epoch + "1" + upstream + dash + revision)
        .filter(text -> DebianVersion.fault(text).isEmpty());
  }
}
