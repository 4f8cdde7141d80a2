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

  private void barrier(int number, String text) throws IOException {
    desk.recipe(
        "web",
        "state-barrier: {number: %d, text: restore the dump first}\nfiles: [{path: /a, text: %s}]\n"
            .formatted(number, text));
    desk.run("build", "web").with(0);
  }

  @Test
  void goingBackOverAStateBarrierNeedsForce() throws IOException {
    build("zero");
    barrier(1, "one");
    barrier(1, "another");
    barrier(2, "two");
    desk.run("rollback", "web")
        .with(3)
        .complains("state barrier 2 lies between web@4 and web@3: restore the dump first");
    desk.run("switch", "web", "1").with(3);
    assertEquals("web@4", current());
    desk.run("rollback", "web", "--force").with(0);
    assertTrue(desk.run("log", "web").with(0).out().contains("by force: state barrier 2"));
    desk.run("rollback", "web").with(0); // over none
    desk.run("rollback", "web").with(3);
    desk.run("switch", "web", "4").with(0); // forward
    assertTrue(desk.run("show", "web").with(0).out().contains("state barrier 2: restore the dump"));
  }

  @Test
  void theCommitOfTheRecipeIsKeptWithItsGeneration() throws Exception {
    desk.set("PATH", System.getenv("PATH"));
    desk.set("HOME", directory.toString());
    desk.file("web", "one");
    for (String[] each :
        new String[][] {
          {"init", "-q"},
          {"add", "."},
          {"-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"}
        }) {
      java.util.List<String> line = new java.util.ArrayList<>(List.of("git", "-C"));
      line.add(desk.path("web").toString());
      line.addAll(List.of(each));
      assertEquals(0, new ProcessBuilder(line).start().waitFor());
    }
    desk.run("build", "web").with(0);
    String list = desk.run("generations", "web").with(0).out();
    assertTrue(list.matches("(?s).* [0-9a-f]{12}-dirty .*"), list); // the lock is new
    assertTrue(desk.run("log", "web").with(0).out().contains(" from git "));
    String git = desk.run("show", "web", "--json").json().path("git").asText();
    assertTrue(git.matches("[0-9a-f]{40}-dirty"), git);
  }

  @Test
  void rollbackGoesToAnyGenerationTwiceAndForwardAgain() throws IOException {
    for (int i = 1; i <= 5; i++) {
      build("text " + i);
    }
    for (int to : new int[] {2, 4, 1, 5, 3}) {
      desk.run("rollback", "web", "--to", Integer.toString(to)).with(0);
      assertEquals("web@" + to, current());
    }
  }

  @Test
  void whatIsOkIsTheLastKnownGood() throws IOException {
    build("one");
    build("two");
    desk.run("ok", "web@1", "-m", "a week in production").with(0);
    desk.run("delete", "web@1").with(3);
    desk.run("ok", "web@7").with(5);
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
    assertTrue(lines.get(1).startsWith("- web@1 by tester, 2026-01-02"), lines.get(1));
    assertTrue(lines.get(4).matches("linux/amd64: .* to .* to send"), lines.get(4));
    assertTrue(lines.contains("-   - {path: /a, text: one}"), lines::toString);
    assertTrue(lines.contains("+   - {path: /a, text: longer}"), lines::toString);
    assertTrue(lines.contains("~ /a (content)  +3 bytes"), lines::toString);
    assertTrue(lines.contains("- /gone  -1 bytes"), lines::toString);
    assertTrue(lines.contains("+ /new  +1 bytes"), lines::toString);
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("~ config Env")), lines::toString);
    assertEquals(5, desk.run("diff", "web", "web").with(0).out().lines().count());
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
