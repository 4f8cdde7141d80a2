package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verify says of damage, and what verify --repair makes good, from where. */
final class RepairTest {
  private static final Pattern CURE = Pattern.compile("printf '\\\\(\\d+)' .* seek=(\\d+) ");

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    byte[] data =
        new Deb.Tar()
            .file("./usr/share/good", PACKED)
            .file("./usr/share/big", noise(2, 400_000))
            .end();
    Mirror mirror = new Mirror(desk);
    mirror.with("good", "1", "", Deb.of(Mirror.control("good", "1", ""), data));
    desk.recipe("web", Mirror.recipe("good") + "files:\n  - {path: /local, from: local}\n");
    desk.write("web/local", FIRST);
    desk.run("build", "web").with(0);
    desk.write("web/local", SECOND);
    desk.run("build", "web").with(0);
    Bits.copy(desk.store(), desk.path("copy"));
  }

  /** Every test mends what it damaged. */
  @AfterEach
  void storeIsSound() {
    desk.verify();
    desk.run("export", "oci", "web@1", "out1").with(0);
    desk.run("export", "oci", "web@2", "out2").with(0);
  }

  private static String noise(int seed, int length) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(Long.toString(random.nextLong(), 36));
    }
    return text.substring(0, length);
  }

  private static final String FIRST = "first " + noise(3, 5_000);
  private static final String SECOND = "second " + noise(4, 5_000);
  private static final String PACKED = "from the package\n" + noise(1, 9_000);

  /** The body of this blob. */
  private Bits.Body body(String content) throws IOException {
    return Bits.body(desk.store(), content.getBytes(StandardCharsets.UTF_8));
  }

  private Bits.Body deb() throws IOException {
    return Bits.body(desk.store(), Files.readAllBytes(desk.path("mirror/pool/good.deb")));
  }

  private List<Path> segments(String purpose) throws IOException {
    return Bits.files(desk.store().resolve("segments")).stream()
        .filter(file -> file.getFileName().toString().startsWith(purpose))
        .toList();
  }

  private JsonNode onlyFinding() {
    JsonNode findings = desk.run("verify", "--json").with(3).json().get("findings");
    assertEquals(1, findings.size(), findings::toString);
    return findings.get(0);
  }

  @Test
  void whatOtherProgramsReadIsMadeAnew() throws IOException {
    Path link = desk.store().resolve("profiles/web/current");
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("1"));
    desk.run("verify", "--repair").with(0);
    assertEquals("web@2\n", Files.readString(link.resolve("generation")));
  }

  @Test
  void aDamagedFileIsNamedWithItsPathAndTheGenerationsThatNeedIt() throws IOException {
    Bits.Body second = body(SECOND);
    Bits.zero(second.segment(), second.at(), 40);
    JsonNode finding = onlyFinding();
    assertTrue(finding.get("file").asText().endsWith(second.segment().getFileName().toString()));
    assertTrue(finding.get("uses").toString().contains("/local (linux/amd64)"), finding::toString);
    assertEquals("[\"web@2\"]", finding.get("neededBy").toString());
    String text = desk.run("verify").with(3).out();
    assertTrue(text.contains("needed by web@2\n"), text);
    assertTrue(text.contains("imgstore verify --repair"), text);
    desk.run("verify", "--repair", "--from", "copy").with(0);
  }

  @Test
  void whatBothGenerationsHaveIsNeededByBoth() throws IOException {
    Bits.Body file = body(PACKED);
    Bits.zero(file.segment(), file.at(), 40);
    assertEquals("[\"web@1\",\"web@2\"]", onlyFinding().get("neededBy").toString());
    desk.run("verify", "--repair").with(0);
  }

  @Test
  void oneWrongByteNeedsNoSource() throws IOException {
    Bits.Body second = body(SECOND);
    Bits.flip(second.segment(), second.at() + 1000, 0x5a);
    Desk.Said said = desk.run("verify", "--repair", "--offline").with(0);
    assertTrue(said.out().contains("one byte was wrong, and is known"), said::toString);
    assertTrue(said.out().contains("all is well"), said::toString);
    assertFalse(Files.exists(second.segment()), "the damaged segment is gone");
  }

  @Test
  void aLockedInputIsFetchedAgain() throws IOException {
    Bits.Body deb = deb();
    Bits.zero(deb.segment(), deb.at() + 100, 300);
    JsonNode finding = onlyFinding();
    assertTrue(finding.get("uses").toString().contains("locked input"), finding::toString);
    Desk.Said offline = desk.run("verify", "--repair", "--offline").with(3);
    assertTrue(offline.out().contains("not whole any more: web@1, web@2"), offline::toString);
    assertTrue(Files.exists(deb.segment()), "what is lost is kept as it is");
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("fetched again"), said::toString);
  }

  @Test
  void whatWasUnpackedIsBuiltAgainWithoutTheNetwork() throws IOException {
    Bits.Body file = body(PACKED);
    Bits.zero(file.segment(), file.at(), 2000);
    Desk.Said said = desk.run("verify", "--repair", "--offline").with(0);
    assertTrue(said.out().contains("built again"), said::toString);
  }

  @Test
  void segmentsThatAreGoneAreBuiltAgainFromInputsAndRecords() throws IOException {
    for (Path each : segments("content")) {
      if (!each.equals(body(SECOND).segment())) {
        Files.delete(each); // with what lay beside the first recipe, which has no other source
      }
    }
    JsonNode before = desk.run("verify", "--json").with(3).json().get("findings");
    assertTrue(before.toString().contains("it is missing"), before::toString);
    Desk.Said partly = desk.run("verify", "--repair", "--offline").with(3);
    assertTrue(partly.out().contains("not whole any more: web@1\n"), partly::toString);
    desk.run("verify", "--repair", "--from", "copy", "--offline").with(0);
  }

  @Test
  void aCheckoutNamesTheFileThatIsDamaged() throws IOException {
    Bits.Body second = body(SECOND);
    Bits.zero(second.segment(), second.at(), 40);
    desk.run("checkout", "web@2", "out").with(3).complains("/local is damaged: sha256:");
    assertFalse(Files.exists(desk.path("out")));
    desk.run("verify", "--repair", "--from", "copy", "--offline").with(0);
  }

  @Test
  void aHeapOfFindingsIsCounted() throws IOException {
    for (int i = 0; i < 30; i++) {
      desk.write("heap/" + i, noise(100 + i, 500));
    }
    desk.run("import", "heap").with(0);
    Bits.copy(desk.store(), desk.path("another"));
    for (Path each : segments("content")) {
      Files.delete(each);
    }
    Desk.Said said = desk.run("verify").with(3);
    assertTrue(
        said.out().contains(" more; imgstore verify --json lists them all\n"), said::toString);
    assertEquals(20, said.out().lines().filter(line -> line.startsWith("  it is ")).count());
    desk.run("verify", "--repair", "--from", "another", "--offline").with(0);
  }

  @Test
  void everySegmentCanComeFromAnotherStore() throws IOException {
    for (Path each : Bits.files(desk.store().resolve("segments"))) {
      Bits.zero(each, Files.size(each) / 3, (int) Files.size(each) / 3);
    }
    Desk.Said said = desk.run("verify", "--repair", "--from", "copy", "--offline").with(0);
    assertTrue(said.out().contains("from " + desk.path("copy")), said::toString);
  }

  @Test
  void anotherStoreThatIsDamagedAsWellGivesNothingWrong() throws IOException {
    Bits.Body second = body(SECOND);
    Bits.zero(second.segment(), second.at(), 40);
    Path theirs = desk.path("copy/segments").resolve(second.segment().getFileName().toString());
    byte[] good = Files.readAllBytes(theirs);
    Bits.zero(theirs, second.at() + 2000, 40);
    Desk.Said said = desk.run("verify", "--repair", "--from", "copy", "--json").with(3);
    assertEquals("[\"web@2\"]", said.json().get("lost").toString());
    Bits.set(theirs, 0, good);
    desk.run("verify", "--repair", "--from", "copy").with(0);
  }

  @Test
  void whatNothingNeedsIsDroppedWithoutASource() throws IOException {
    String text = "short lived " + noise(9, 3_000);
    desk.file("other", text);
    desk.run("build", "other", "--no-switch").with(0);
    Bits.Body loose = body(text);
    Bits.zero(loose.segment(), loose.at(), 100);
    text = desk.run("verify").with(3).out();
    assertTrue(text.contains("nothing kept needs it"), text);
    desk.run("verify", "--repair", "--offline").with(0);
  }

  @Test
  void aStateFileIsWrittenAnewFromTheJournal() throws IOException {
    Path state = desk.store().resolve("states/web");
    byte[] good = Files.readAllBytes(state);
    Bits.flip(state, 30, 1);
    assertEquals("states/web", onlyFinding().get("file").asText());
    Desk.Said said = desk.run("verify", "--repair").with(0);
    assertTrue(said.out().contains("written anew from the journal"), said::toString);
    assertEquals(good.length, Files.size(state));
  }

  @Test
  void aDamagedActionRecordIsRemoved() throws IOException {
    Path record = Bits.files(desk.store().resolve("actions")).get(0);
    Bits.flip(record, 20, 1);
    desk.run("verify").with(3);
    desk.run("verify", "--repair").with(0);
    assertFalse(Files.exists(record));
  }

  @Test
  void theJournalIsNotWrittenButItsByteIsTold() throws IOException {
    Path journal = desk.store().resolve("journal");
    byte[] good = Files.readAllBytes(journal);
    for (int at : new int[] {0, 3, 40, 200, good.length / 2, good.length - 70, good.length - 9}) {
      Bits.flip(journal, at, 0x11);
      byte[] bad = Files.readAllBytes(journal);
      Desk.Said said = desk.run("verify", "--repair").with(3);
      assertEquals(-1, java.util.Arrays.mismatch(bad, Files.readAllBytes(journal)));
      Matcher cure = CURE.matcher(said.out());
      assertTrue(cure.find(), said::toString);
      assertTrue(said.out().contains("journal: entry "), said::toString);
      Bits.set(
          journal,
          Long.parseLong(cure.group(2)),
          new byte[] {(byte) (int) Integer.valueOf(cure.group(1), 8)});
      assertEquals(-1, java.util.Arrays.mismatch(good, Files.readAllBytes(journal)), "byte " + at);
    }
  }

  @Test
  void aRepairIsInTheJournal() throws IOException {
    Bits.Body second = body(SECOND);
    Bits.flip(second.segment(), second.at() + 5, 4);
    desk.run("verify", "--repair").with(0);
    String journal = Files.readString(desk.store().resolve("journal"));
    assertTrue(journal.contains("\"kind\":\"repair\""), journal);
    assertTrue(journal.contains("\"objects\":1"), journal);
  }

  @Test
  void aStoreThatIsWellIsLeftAsItIs() throws IOException {
    long before = Files.size(desk.store().resolve("journal"));
    Desk.Said said = desk.run("verify", "--repair", "--json").with(0);
    assertEquals("[]", said.json().get("mended").toString());
    assertEquals(before, Files.size(desk.store().resolve("journal")));
  }

  @Test
  void fromNeedsARepairAndAStore() {
    desk.run("verify", "--from", "copy").with(2).complains("--from is for verify --repair");
    desk.run("verify", "--repair", "--from", "web").with(1).complains("is no store");
  }
}
