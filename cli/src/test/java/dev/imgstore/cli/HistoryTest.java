package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generations, the ways back, and the names a generation can be called by. */
final class HistoryTest {
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

  private String build(String text) throws IOException {
    desk.file("web", text);
    return desk.run("build", "web").with(0).image();
  }

  private String current() {
    return desk.run("show", "web").with(0).out().replaceFirst("(?s) .*", "");
  }

  @Test
  void aBuildThatChangesNothingMakesNoGeneration() throws IOException {
    String first = build("one");
    assertEquals(first, build("one"));
    assertEquals(1, desk.run("generations", "web", "--json").json().path("generations").size());
    String second = build("two");
    assertTrue(!first.equals(second));
    assertEquals("web@2", current());
  }

  @Test
  void rollbackTwiceGoesBackTwoSteps() throws IOException {
    build("one");
    build("two");
    build("three");
    assertEquals("web@2", desk.run("rollback", "web").with(0).out().split(" ", -1)[0]);
    assertEquals("web@1", desk.run("rollback", "web").with(0).out().split(" ", -1)[0]);
    desk.run("rollback", "web").with(5).complains("nothing was current before web@1");
    assertEquals("web@1", current());
  }

  @Test
  void numbersAreNeverUsedAgain() throws IOException {
    build("one");
    build("two");
    desk.run("rollback", "web").with(0);
    build("three");
    assertEquals("web@3", current());
    assertTrue(desk.run("show", "web~1").with(0).out().startsWith("web@1 "));
  }

  @Test
  void whatWasRolledBackFromIsNotSwitchedToByABuild() throws IOException {
    build("one");
    String bad = build("two");
    desk.run("rollback", "web", "-m", "it is broken").with(0);
    desk.run("build", "web", "-m", "nightly")
        .with(3)
        .complains(
            "equals web@2, rolled back by tester at 2026-01-02T03:04:05Z because it is broken");
    assertEquals("web@1", current());
    assertEquals(bad, desk.run("switch", "web", "web@2").with(0).image());
    assertEquals(bad, desk.run("build", "web").with(0).image());
    assertEquals("web@2", current());
  }

  @Test
  void historySaysWhoWhenAndWhy() throws IOException {
    build("one");
    build("two");
    desk.run("rollback", "web", "-m", "the page is broken").with(0);
    List<String> log = desk.run("log", "web").with(0).out().lines().toList();
    assertEquals(3, log.size(), log::toString);
    assertTrue(log.get(0).startsWith("2026-01-02T03:04:05Z  tester  "), log.get(0));
    assertTrue(log.get(0).endsWith("(the page is broken)"), log.get(0));
  }

  @Test
  void aGenerationHasManyNames() throws IOException {
    String first = build("one");
    String second = build("two");
    String hex = first.substring("sha256:".length());
    desk.write("elsewhere/any.yml", "name: web\nfiles: [{path: /x, text: x}]\n");
    for (String ref :
        List.of(
            "web@1", "web~1", first, hex, hex.substring(0, 12), "sha256:" + hex.substring(0, 6))) {
      assertEquals(first, desk.run("show", ref).with(0).image(), ref);
    }
    for (String ref :
        List.of("web", "web@2", "web~0", "web/recipe.yaml", "elsewhere/any.yml", second)) {
      assertEquals(second, desk.run("show", ref).with(0).image(), ref);
    }
  }

  @Test
  void anImageKnownFromAnotherProfileCanBeSwitchedToWhereItIsAGenerationToo() throws IOException {
    String first = build("one");
    desk.run("build", "web", "--profile", "copy").with(0);
    build("two");
    assertEquals(first, desk.run("switch", "web", "copy").with(0).image());
    assertEquals("web@1", current());
  }

  @Test
  void diffShowsFilesConfigurationAndSizes() throws IOException {
    desk.recipe("web", "files:\n  - {path: /a, text: one}\n  - {path: /gone, text: x}\n");
    desk.run("build", "web").with(0);
    desk.recipe(
        "web",
        """
        files:
          - {path: /a, text: longer}
          - {path: /new, text: y, mode: "0600"}
        image: {env: {A: b}}
        """);
    desk.run("build", "web").with(0);
    List<String> lines = desk.run("diff", "web~1", "web").with(0).out().lines().toList();
    assertEquals("web@1 to web@2", lines.get(0));
    assertTrue(lines.get(2).matches("linux/amd64: .* to .* to send"), lines.get(2));
    assertTrue(lines.contains("~ /a (content)  +3 bytes"), lines::toString);
    assertTrue(lines.contains("- /gone  -1 bytes"), lines::toString);
    assertTrue(lines.contains("+ /new  +1 bytes"), lines::toString);
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("~ config Env")), lines::toString);
    assertEquals(3, desk.run("diff", "web", "web").with(0).out().lines().count());
  }

  @Test
  void historyIsThereAfterTheActionCacheAndTemporaryFilesWereRemoved() throws IOException {
    String first = build("one");
    for (String part : List.of("actions", "tmp")) {
      try (var files = Files.walk(desk.store().resolve(part))) {
        for (Path each : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    assertEquals(first, desk.run("show", "web").with(0).image());
    assertEquals(first, build("one"));
    assertEquals("web@1", current());
  }
}
