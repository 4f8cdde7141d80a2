package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code gc} says, does and refuses. */
final class GcTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  /** Some text that does not compress, so that bytes are worth counting. */
  private void build(int times) throws IOException {
    build(1, times);
  }

  private void build(int first, int last) throws IOException {
    for (int i = first; i <= last; i++) {
      StringBuilder text = new StringBuilder("generation " + i + "\n");
      new SplittableRandom(i).longs(15_000).forEach(each -> text.append(each).append('\n'));
      desk.file("web", text.toString());
      desk.run("build", "web").with(0);
    }
  }

  private List<Integer> numbers() {
    return desk
        .run("generations", "web", "--json")
        .with(0)
        .json()
        .path("generations")
        .findValues("number")
        .stream()
        .map(JsonNode::asInt)
        .sorted()
        .toList();
  }

  /** As {@code du} counts. */
  private long onDisk() throws IOException {
    try (Stream<Path> all = Files.walk(desk.path("store"))) {
      return all.filter(Files::isRegularFile).mapToLong(GcTest::blocks).sum();
    }
  }

  private static long blocks(Path file) {
    try {
      return (Files.size(file) + 4095) / 4096 * 4096;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aDryRunSaysExactlyWhatComesBackAndRemovesNothing() throws IOException {
    build(6);
    long before = onDisk();
    JsonNode plan = desk.run("gc", "--dry-run", "--keep", "2", "--json").with(0).json();
    assertEquals(4, plan.path("generations").size());
    assertEquals("not kept by: keep 2", plan.at("/generations/0/reason").asText());
    assertEquals(before, onDisk());
    desk.run("gc", "--keep", "2", "-m", "tidy").with(0);
    assertTrue(desk.run("log").with(0).out().contains("  collection: freed "));
    assertEquals(List.of(5, 6), numbers());
    long freed = plan.at("/bytes/freed").asLong();
    assertTrue(freed > before / 3, freed + " of " + before);
    assertTrue(
        Math.abs(before - onDisk() - freed) <= freed / 100,
        "said " + freed + ", came back " + (before - onDisk()));
    assertEquals("nothing to collect\n", desk.run("gc", "--keep", "2").with(0).out());
  }

  @Test
  void withoutARuleOnlyWhatNoGenerationNeedsGoes() throws IOException {
    build(3);
    desk.run("gc").with(0);
    assertEquals(List.of(1, 2, 3), numbers());
    desk.run("delete", "web@1").with(0);
    assertTrue(desk.run("gc").with(0).out().startsWith("freed "));
    assertEquals(List.of(2, 3), numbers());
  }

  @Test
  void aPlanIsAppliedAndThenFitsNoMore() throws IOException {
    build(4);
    Path plan = directory.resolve("plan.json");
    String said = desk.run("gc", "--plan", plan.toString(), "--keep", "1").with(0).out();
    assertTrue(said.contains("imgstore gc --apply " + plan + " does it"), said);
    assertEquals(List.of(1, 2, 3, 4), numbers());
    build(5, 6); // new generations do not matter
    desk.run("gc", "--apply", plan.toString()).with(0);
    assertEquals(List.of(4, 5, 6), numbers());
    desk.run("gc", "--apply", plan.toString()).with(3).complains("web@1 is gone already");
  }

  @Test
  void aPlanOfWhatWasHeldSinceIsRefused() throws IOException {
    build(3);
    Path plan = directory.resolve("plan.json");
    desk.run("gc", "--plan", plan.toString(), "--keep", "1").with(0);
    desk.run("hold", "web@1", "--reason", "case 7", "--owner", "legal").with(0);
    desk.run("gc", "--apply", plan.toString())
        .with(3)
        .complains("web@1 is current, good, tagged, pinned");
    assertEquals(List.of(1, 2, 3), numbers());
  }

  @Test
  void whatIsNoPlanIsRefused() throws IOException {
    build(1);
    Path plan = Files.writeString(directory.resolve("plan.json"), "{\"format\":1}");
    desk.run("gc", "--apply", plan.toString()).with(2).complains("is no plan");
    desk.run("gc", "--apply", "no-such-plan.json").with(5).complains("there is no plan");
    desk.run("gc", "--apply", plan.toString(), "--keep", "3").with(2).complains("no rules");
    desk.run("gc", "--keep", "0").with(2).complains("keep at least 1");
    desk.run("gc", "--keep", "-1").with(2).complains("keep at least 1");
    desk.run("gc", "--keep-for", "soon").with(2).complains("not a time");
    desk.run("gc", "--max-size", "big").with(2).complains("not a size");
  }

  @Test
  void aCeilingThatRootsAloneExceedIsNamed() throws IOException {
    build(3);
    desk.run("gc", "--max-size", "1K").with(3).complains("more than the store is to have");
    assertEquals(List.of(3), numbers());
  }

  @Test
  void theSettingsOfAProfileHold() throws IOException {
    build(4);
    Files.writeString(
        desk.path("store").resolve("config.yaml"),
        "retention: {keep: 1, profiles: {web: {keep: 3}}}\n");
    desk.run("gc").with(0);
    assertEquals(List.of(2, 3, 4), numbers());
  }

  @Test
  void byAClockThatMustBeWrongNothingIsOld() throws IOException {
    build(3);
    desk.clock(Desk.NOW.minus(Duration.ofHours(1)));
    desk.run("gc", "--keep-for", "30d").with(0).complains("before the newest record");
    desk.clock(Desk.NOW.plus(Duration.ofDays(400)));
    desk.run("gc", "--keep-for", "30d").with(0).complains("more than a year after");
    assertEquals(List.of(1, 2, 3), numbers());
    assertEquals("", desk.run("gc", "--keep", "2").with(0).err());
    assertEquals(List.of(2, 3), numbers());
  }

  @Test
  void afterAQuietMonthAgeCounts() throws IOException {
    build(3);
    desk.clock(Desk.NOW.plus(Duration.ofDays(40)));
    assertEquals("", desk.run("gc", "--keep-for", "30d").with(0).err());
    assertEquals(List.of(3), numbers());
  }

  @Test
  void whoCannotLeaseReadsAndIsTold() throws IOException {
    build(1);
    Path log = Files.writeString(desk.store().resolve("removal"), "not a log");
    desk.run("show", "web").with(0).complains("cannot be kept from a collection");
    desk.run("verify", "--repair").with(0);
    assertTrue(Files.notExists(log));
    assertEquals("", desk.run("show", "web").with(0).err());
  }

  @Test
  void whileAnotherCollectsOneIsTold() throws IOException {
    build(1);
    try (Store store = DiskStore.open(desk.path("store"), notice -> {});
        Collector other = store.collector()) {
      desk.run("gc").with(4).complains("another process is collecting");
    }
  }
}
