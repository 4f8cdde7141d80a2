package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags, revocations, pins with an end, and who is behind a change. */
final class MarksTest {
  @TempDir Path directory;
  private Desk desk;
  private final List<String> images = new ArrayList<>();

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    for (String text : List.of("one", "two", "three")) {
      desk.file("web", text);
      images.add(desk.run("build", "web").with(0).image());
    }
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  private List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    JsonNode all = desk.run("--json", "generations", "web").with(0).json().path("generations");
    all.forEach(each -> numbers.add(each.path("number").asInt()));
    return numbers.stream().sorted().toList();
  }

  private void pin(String name, int number, Instant end) throws IOException {
    Root.Spec spec =
        new Root.Spec(
            "/srv/web.yaml", List.of(12), "r/web:1", "team", Optional.of(end), Optional.empty());
    try (Store store = DiskStore.open(desk.store(), notice -> {})) {
      store
          .roots()
          .pin(
              name,
              Digest.parse(images.get(number - 1)),
              spec,
              new Because(Desk.NOW, "ann", "deployed"));
    }
  }

  @Test
  void aRefMayNameATag() {
    desk.run("tag", "web@1", "v1.2", "-m", "released").with(0);
    assertEquals(
        images.get(0),
        desk.run("--json", "show", "web@v1.2").with(0).json().path("image").asText());
    desk.run("show", "web@v1.3").with(5).complains("did you mean v1.2?");
    desk.run("show", "web@-").with(5).complains("or a tag");
    desk.run("tag", "web@2", "v1.2").with(3).complains("--move");
    desk.run("tag", "--move", "web@2", "v1.2").with(0);
    assertTrue(desk.run("tag").with(0).out().contains("web@v1.2  web@2"));
    desk.run("tag", "web@2", "2").with(2).complains("a letter");
    desk.run("tag", "--remove", "web@v1.2").with(0);
    desk.run("tag", "--remove", "web@v1.2").with(5).complains("there is no tag");
    assertTrue(desk.run("log").with(0).out().contains("tag web@1 v1.2"));
  }

  @Test
  void taggedGenerationsStayUntilSettingsSayOtherwise() throws IOException {
    desk.run("tag", "web@1", "v1").with(0);
    desk.run("delete", "web@1").with(3).complains("is tagged v1; take the tag away first");
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(List.of(1, 3), numbers());
    desk.write("etc/config.yaml", "retention: {profiles: {web: {always: [last-good]}}}\n");
    assertTrue(
        desk.run("config", "--show").with(0).out().contains("retention.profiles.web.always"));
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(List.of(3), numbers());
    assertEquals("there are no tags\n", desk.run("tag").with(0).out());
    desk.write("etc/config.yaml", "retention: {always: [good]}\n");
    desk.run("gc").with(2);
  }

  @Test
  void aTagGivenAfterThePlanKeepsItsGeneration() {
    Path plan = directory.resolve("plan.json");
    desk.run("gc", "--keep", "1", "--plan", plan.toString()).with(0);
    desk.run("tag", "web@1", "v1").with(0);
    desk.run("gc", "--apply", plan.toString()).with(3).complains("web@1 is current, good, tagged");
    assertEquals(List.of(1, 2, 3), numbers());
  }

  @Test
  void aPinWhoseTimeIsOverKeepsNothing() throws IOException {
    pin("live", 1, Desk.NOW.plus(Duration.ofDays(1)));
    pin("other", 2, Desk.NOW.plus(Duration.ofDays(9)));
    desk.run("gc", "--keep", "1").with(0);
    assertEquals(List.of(1, 2, 3), numbers());
    desk.clock(Desk.NOW.plus(Duration.ofDays(2)));
    String plan = desk.run("gc", "--keep", "1", "--dry-run").with(0).out();
    assertTrue(plan.contains("live") && !plan.contains("other"), plan);
    assertEquals(List.of(1, 2, 3), numbers());
    assertTrue(desk.run("log").with(0).out().contains("pin"));
    assertFalse(desk.run("log").with(0).out().contains("unpin"));
    Path file = directory.resolve("plan.json");
    desk.run("gc", "--keep", "1", "--plan", file.toString()).with(0);
    pin("live", 1, Desk.NOW.plus(Duration.ofDays(5)));
    desk.run("gc", "--apply", file.toString()).with(3).complains("goes on by now");
    pin("live", 1, Desk.NOW.plus(Duration.ofDays(1)));
    desk.run("gc", "--apply", file.toString()).with(0);
    assertEquals(List.of(2, 3), numbers());
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("unpin live  (its time was over at "), log);
  }

  @Test
  void noPinEndsByAClockThatMustBeWrong() throws IOException {
    pin("live", 1, Desk.NOW.plus(Duration.ofDays(1)));
    desk.clock(Desk.NOW.plus(Duration.ofDays(500)));
    Desk.Said said = desk.run("gc", "--keep", "1").with(0);
    assertTrue(said.err().contains("no pin because its time is over"), said.err());
    assertEquals(List.of(1, 3), numbers());
  }

  @Test
  void aRevokedImageIsUsedByNobodyNew() throws IOException {
    pin("live", 1, Desk.NOW.plus(Duration.ofDays(1)));
    desk.run("tag", "web@1", "v1").with(0);
    desk.run("revoke", "web@1").with(2).complains("--reason");
    String said = desk.run("revoke", "web@v1", "--reason", "CVE-2026-1").with(0).out();
    assertTrue(said.contains("  web@1\n") && said.contains("  /srv/web.yaml:12\n"), said);
    desk.run("rollback", "web", "--to", "1").with(3).complains("CVE-2026-1");
    desk.run("switch", "web", "1").with(3).complains("CVE-2026-1");
    desk.run("push", "web@1", "localhost:1/web:1").with(3).complains("CVE-2026-1");
    desk.run("ok", "web@1").with(3).complains("CVE-2026-1");
    desk.run("key", "create", "mine").with(0);
    desk.run("cache", "push", "web@1", "--to=localhost:1/cache").with(3).complains("CVE-2026-1");
    desk.file("web", "one");
    desk.run("build", "web").with(3).complains("CVE-2026-1");
    assertTrue(desk.run("revoke").with(0).out().contains("web@1, /srv/web.yaml:12"));
    String now = desk.run("revoke", "web", "--reason", "worse").with(0).out();
    assertTrue(now.contains("web@3 (current)") && now.contains("switch or roll back"), now);
    desk.run("revoke", "--undo", "web@1", "-m", "false alarm").with(0);
    desk.run("revoke", "--undo", "web@1").with(5).complains("is not revoked");
    desk.run("rollback", "web", "--to", "1").with(0);
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("reinstate " + images.get(0) + "  (false alarm)"), log);
    assertTrue(log.contains("revoke " + images.get(0) + "  (CVE-2026-1)"), log);
  }

  @Test
  void whatARevokedImageIsHandedOutForIsTold() {
    desk.run("revoke", "web@1", "--reason", "CVE-2026-1").with(0);
    String layout = desk.path("layout").toString();
    String other = desk.path("other").toString();
    desk.run("export", "oci", "web@1", layout).with(0).complains("web@1 must not be used: ");
    String disk = desk.run("export", "disk", "web@1", desk.path("a.raw").toString()).with(2).err();
    assertTrue(disk.contains("web@1 must not be used: "), disk);
    String files = desk.path("files").toString();
    desk.run("checkout", "web@1", files).with(0).complains("web@1 must not be used: ");
    desk.run("copy", "web@1", "--to", other).with(0).complains("web@1 must not be used: ");
    assertEquals("", desk.run("copy", "web@2", "--to", other).with(0).err());
  }

  @Test
  void nothingIsBuiltFromARevokedBase() {
    try {
      desk.file("child", "none yet");
      desk.run("export", "oci", "web@1", "child/base").with(0);
      desk.recipe(
          "child",
          "inputs:\n  base: {oci: base, digest: \""
              + images.get(0)
              + "\"}\nfiles:\n  - {path: /text, text: more}\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    desk.run("build", "child").with(0);
    desk.run("revoke", images.get(0), "--reason", "CVE-2026-1").with(0);
    desk.run("build", "child")
        .with(3)
        .complains("the input base: " + images.get(0) + " was revoked");
  }

  @Test
  void theJournalSaysUserHostAndRun() throws IOException {
    desk.host("build1");
    desk.user("ann");
    desk.write("etc/config.yaml", "identity: 'ci ${REPO} #${JOB}'\n");
    desk.run("tag", "web@1", "a").with(0);
    desk.set("JOB", "7");
    desk.set("REPO", "web");
    desk.run("tag", "web@1", "b").with(0);
    desk.set("SUDO_USER", "bob");
    desk.run("tag", "web@1", "c").with(0);
    String log = desk.run("log").with(0).out();
    assertTrue(log.contains("  ann@build1  tag"), log);
    assertTrue(log.contains("  ann@build1 (ci web #7)  tag"), log);
    assertTrue(log.contains("  bob@build1 (as ann; ci web #7)  tag"), log);
    for (String who : List.of("ann", "ann@build1", "build1", "ci web #7")) {
      String found = desk.run("log", "--who", who).with(0).out();
      assertTrue(found.contains("tag web@1 b"), who);
      assertFalse(found.contains("build web"), who);
    }
    assertEquals(1, desk.run("log", "--who", "bob").with(0).out().lines().count());
  }

  @Test
  void theJournalSaysWhichHostServed() throws IOException {
    desk.host("build1");
    desk.write("etc/config.yaml", "identity: 'rack ${RACK}'\n");
    desk.set("RACK", "4");
    UnaryOperator<String> who = Who.asking(desk.parser().getCommand());
    assertEquals("ci@build1 (serve; rack 4)", who.apply("ci"));
    assertEquals("serve@build1 (rack 4)", who.apply(""));
    for (String typed : List.of("ci", "ci@build1", "build1", "serve", "rack 4")) {
      assertTrue(Who.isBy(who.apply("ci"), typed), typed);
    }
  }

  @Test
  void aMistakeInSettingsKeepsNobodyFromWhatNeedsNone() throws IOException {
    desk.write("etc/config.yaml", "identity: '${'\n");
    Desk.Said said = desk.run("tag", "web@1", "v1").with(0);
    assertTrue(said.err().contains("is not recorded"), said.err());
  }
}
