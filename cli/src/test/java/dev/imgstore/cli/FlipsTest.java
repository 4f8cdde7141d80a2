package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random single bytes of segments, journal and profiles that are not what they were: each is found
 * and named, and mended. {@code -Dflips=40} for fewer, {@code -Dseed=N} to see one again.
 */
final class FlipsTest {
  private static final int FLIPS = Integer.getInteger("flips", 200);
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final Pattern CURE = Pattern.compile("printf '\\\\(\\d+)' .* seek=(\\d+) ");

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private Desk desk;
  private Path good;

  /** One byte of one file, and what it becomes. */
  private record Flip(Path file, long at, int bits) {
    void turn() throws IOException {
      Bits.flip(file, at, bits);
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    good = desk.path("good");
    new Mirror(desk).with("one", "1", "").with("two", "2", "Depends: one\n");
    desk.recipe("web", Mirror.recipe("two") + "files:\n  - {path: /local, from: local}\n");
    desk.recipe("db", "files:\n  - {path: /text, text: \"a text\"}\n");
    for (int i = 0; i < 3; i++) {
      desk.write("web/local", Integer.toString(i).repeat(200_000 + i));
      desk.run("build", "web").with(0);
    }
    desk.run("build", "db").with(0);
    desk.run("rollback", "web").with(0);
    Bits.copy(desk.store(), good);
  }

  private Flip any() throws IOException {
    List<Path> files = new ArrayList<>(Bits.files(desk.store().resolve("segments")));
    files.addAll(Bits.files(desk.store().resolve("states")));
    files.add(desk.store().resolve("journal"));
    Path file = files.get(random.nextInt(files.size()));
    return new Flip(file, random.nextInt((int) Files.size(file)), 1 + random.nextInt(255));
  }

  private static Set<String> named(JsonNode findings) {
    Set<String> files = new HashSet<>();
    findings.forEach(each -> files.add(each.get("file").asText()));
    return files;
  }

  private String name(Path file) {
    return desk.store().relativize(file).toString();
  }

  @Test
  void eachIsFoundNamedAndMended() throws IOException {
    for (int i = 0; i < FLIPS; i++) {
      Flip flip = any();
      String what = "seed " + SEED + ", flip " + i + ": " + flip;
      flip.turn();
      JsonNode report = desk.run("verify", "--json").json();
      assertTrue(named(report.get("findings")).contains(name(flip.file())), () -> what + report);
      Desk.Said said = desk.run("verify", "--repair", "--offline");
      if (flip.file().endsWith("journal")) {
        assertEquals(3, said.code(), () -> what + said);
        Matcher cure = CURE.matcher(said.out());
        assertTrue(cure.find(), () -> what + said);
        Bits.set(
            flip.file(),
            Long.parseLong(cure.group(2)),
            new byte[] {(byte) Integer.parseInt(cure.group(1), 8)});
      } else {
        assertEquals(0, said.code(), () -> what + said);
      }
      assertEquals(0, desk.run("verify").code(), what);
    }
    sameAsBefore();
  }

  @Test
  void manyAtOnceAreEachFoundAndMendedFromAnotherStore() throws IOException {
    Set<String> hit = new HashSet<>();
    for (int i = 0; i < FLIPS; i++) {
      Flip flip = any();
      if (!flip.file().endsWith("journal")) {
        flip.turn();
        hit.add(name(flip.file()));
      }
    }
    String what = "seed " + SEED + ": ";
    JsonNode report = desk.run("verify", "--json").json();
    Set<String> missed = new HashSet<>(hit);
    missed.removeAll(named(report.get("findings")));
    assertEquals(Set.of(), missed, () -> what + report);
    Desk.Said said = desk.run("verify", "--repair", "--offline", "--from", "good");
    assertEquals(0, said.code(), () -> what + said);
    sameAsBefore();
  }

  /** The same history, and images that are whole. */
  private void sameAsBefore() throws IOException {
    for (String profile : List.of("web", "db")) {
      assertEquals(
          desk.run("--store", "good", "generations", profile, "--json").out(),
          desk.run("generations", profile, "--json").out());
    }
    for (int i = 1; i <= 3; i++) {
      desk.run("export", "oci", "web@" + i, "out" + i).with(0);
    }
    desk.run("verify").with(0);
  }
}
