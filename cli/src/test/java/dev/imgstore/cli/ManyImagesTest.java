package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes over others, variants of one, and several in one call. */
final class ManyImagesTest {
  private static final String MATRIX =
      """
      matrix:
        php: ["8.1", "8.2"]
        flavour: [slim, full]
        exclude: [{php: "8.1", flavour: full}]
      files:
        - {path: /php, text: "${php} ${flavour}"}
      """;

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  private static List<String> fields(JsonNode list, String field) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.path(field).asText()));
    return texts;
  }

  @Test
  void aBasesFilesAreThoseBesideIt() throws IOException {
    desk.recipe("base", "files:\n  - {path: /site, from: site}\n  - {path: /x, text: base}\n");
    desk.write("base/site/index.html", "hello");
    desk.recipe("web", "extends: ../base/recipe.yaml\nfiles:\n  - {path: /x, text: ours}\n");
    desk.run("build", "web").with(0);
    assertTrue(desk.run("cat", "web", "/site/index.html").with(0).out().contains("hello"));
    assertEquals("ours", desk.run("cat", "web", "/x").with(0).out());
    desk.verify();
  }

  @Test
  void whatABaseMadeIsBuiltAgainFromWhatIsKept() throws IOException {
    Mirror mirror = new Mirror(desk);
    byte[] data = new Deb.Tar().file("./usr/share/good", "packed ".repeat(1000)).end();
    mirror.with("good", "1", "", Deb.of(Mirror.control("good", "1", ""), data));
    desk.recipe("base", Mirror.recipe("good") + "files: [{path: /l, from: local}]\n");
    desk.write("base/local", "local");
    desk.recipe("web", "extends: ../base/recipe.yaml\nmatrix: {v: [a, b]}\nepoch: 5\n");
    desk.run("build", "web").with(0);
    Files.delete(desk.path("base/recipe.yaml"));
    Files.delete(desk.path("web/recipe.yaml"));
    Bits.Body file =
        Bits.body(
            desk.store(), "packed ".repeat(1000).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Bits.zero(file.segment(), file.at(), 20);
    desk.run("verify").with(3);
    Desk.Said said = desk.run("verify", "--repair", "--offline").with(0);
    assertTrue(said.out().contains("built again"), said::toString);
    desk.verify();
  }

  @Test
  void mistakesOfABaseShowItsLine() throws IOException {
    desk.write("base/recipe.yaml", "image:\n  enviroment: {A: b}\n");
    desk.recipe("web", "extends: ../base/recipe.yaml\npakages: [x]\n");
    String said = desk.run("build", "web").with(2).err();
    assertTrue(said.contains("2 mistakes:"), said);
    assertTrue(said.contains("web/recipe.yaml:3:1: unknown key `pakages`"), said);
    assertTrue(said.contains("base/recipe.yaml:2:3: unknown key `enviroment`"), said);
    assertTrue(said.contains("  2 |   enviroment: {A: b}\n    |   ^^^^^^^^^^"), said);
    desk.write("base/recipe.yaml", "files:\n  - {path: /a, from: nowhere}\n");
    desk.recipe("web", "extends: ../base/recipe.yaml\n");
    said = desk.run("build", "web").with(2).err();
    assertTrue(said.contains("base/recipe.yaml:2:22: `from`"), said);
    assertTrue(said.contains("../base/nowhere beside it"), said);
    assertTrue(said.contains("  2 |   - {path: /a, from: nowhere}"), said);
  }

  @Test
  void basesThatAreNoPlainFilesAreRefusedByName() throws IOException {
    desk.file("base", "x");
    Files.createSymbolicLink(desk.path("link.yaml"), desk.path("base/recipe.yaml"));
    Files.createSymbolicLink(desk.path("nowhere.yaml"), desk.path("gone"));
    Files.write(desk.path("large.yaml"), new byte[(1 << 20) + 1]);
    for (List<String> each :
        List.of(
            List.of("../link.yaml", "is a link"),
            List.of("../nowhere.yaml", "is a link"),
            List.of("../base", "is a directory"),
            List.of("../gone.yaml", "is not there"),
            List.of("../large.yaml", "is larger than a recipe can be"),
            List.of("../../../../../../../../../../../../dev/zero", "is no file"),
            List.of("\"a\\0b\"", "NUL"))) {
      desk.recipe("web", "extends: " + each.get(0) + "\n");
      Desk.Said said = desk.run("build", "web").with(2);
      assertTrue(said.err().contains("web/recipe.yaml:2:10: `extends`"), said::toString);
      assertTrue(said.err().contains(each.get(1)), said::toString);
    }
    desk.recipe("web", "extends: ../web/recipe.yaml\n");
    String said = desk.run("build", "web").with(2).err();
    assertTrue(said.contains("a circle: web/recipe.yaml extends web/recipe.yaml"), said);
  }

  @Test
  void everyVariantIsAnImageWithAProfileAndALockOfItsOwn() throws IOException {
    desk.recipe("web", MATRIX);
    Desk.Said said = desk.run("build", "web").with(0);
    assertEquals(4, said.out().lines().count(), said::toString);
    assertTrue(said.out().contains("web-8.1-slim@1 sha256:"), said::toString);
    assertTrue(said.out().endsWith("3 images: 3 built, 0 reused\n"), said::toString);
    assertEquals("8.2 full", desk.run("cat", "web-8.2-full", "/php").with(0).out());
    assertTrue(Files.exists(desk.path("web/recipe.8.2-full.lock")));
    assertFalse(Files.exists(desk.path("web/recipe.lock")));
    assertTrue(
        desk.run("build", "web", "--locked")
            .with(0)
            .out()
            .endsWith("3 images: 0 built, 3 reused\n"));
    Desk.Said one = desk.run("--json", "build", "web", "--set", "flavour=full").with(0);
    assertEquals(List.of("web-8.2-full"), fields(one.json().path("builds"), "profile"));
    desk.run("build", "web", "--set", "php=9").with(2);
    desk.verify();
  }

  @Test
  void aRefOfSeveralImagesIsRefusedWithTheirProfiles() throws IOException {
    desk.recipe("web", MATRIX);
    desk.run("build", "web").with(0);
    desk.run("show", "web/recipe.yaml")
        .with(2)
        .complains(
            "3 images; name one of their profiles: web-8.1-slim, web-8.2-slim, web-8.2-full");
    desk.run("build", "web", "--profile", "mine").with(2).complains("--profile mine: these are 3");
    desk.run("build", "web", "--profile", "mine", "--set", "flavour=full").with(0);
    desk.run("show", "mine").with(0);
  }

  @Test
  void locksOfAllVariantsAreMade() throws IOException {
    Mirror mirror = new Mirror(desk);
    mirror.with("php8.1", "1", "").with("php8.2", "1", "");
    desk.recipe("web", "matrix: {php: [\"8.1\", \"8.2\"]}\n" + Mirror.recipe("\"php${php}\""));
    JsonNode locks = desk.run("--json", "lock", "web").with(0).json().path("locks");
    assertEquals(List.of("1", "1"), fields(locks, "inputs"));
    assertEquals(List.of("true", "true"), fields(locks, "changed"));
    mirror.with("php8.2", "2", "");
    locks = desk.run("--json", "lock", "web", "--update", "php8.2").with(0).json().path("locks");
    assertEquals(List.of("false", "true"), fields(locks, "changed"));
    desk.run("lock", "web", "--update", "nobody").with(2).complains("--update nobody");
    Files.delete(desk.path("web/recipe.8.1.lock"));
    desk.run("build", "web", "--locked").with(2).complains("there is no ");
    desk.run("ls").with(0);
    assertTrue(desk.run("--json", "ls").json().path("profiles").isEmpty(), "nothing was begun");
  }

  @Test
  void aDirectoryOfRecipesIsBuiltInOneCallAndOneThatFailsStopsNoOther() throws IOException {
    desk.file("all/one", "1");
    desk.file("all/two", "2");
    desk.write("all/one/recipe.yaml", "files: [{path: /a, text: a}]\n");
    desk.write("all/two/recipe.yaml", "files: [{path: /a, text: a, owner: nobody-knows}]\n");
    desk.write("all/three/recipe.yaml", "files: [{path: /a, text: a}]\n");
    desk.write("all/no-recipe/other.yaml", "files: wrong\n");
    desk.write("all/.hidden/recipe.yaml", "files: wrong\n");
    Desk.Said said = desk.run("build", "all").with(2);
    assertEquals(
        List.of("one@1", "three@1", "3 images:"),
        said.out().lines().map(line -> line.replaceFirst("( sha256| 2 built).*", "")).toList());
    assertTrue(said.out().endsWith("3 images: 2 built, 0 reused, 1 failed\n"), said::toString);
    assertTrue(said.err().contains("imgstore: two: "), said::toString);
    JsonNode json = desk.run("--json", "build", "all").with(2).json();
    assertEquals(List.of("one", "three", "two"), fields(json.path("builds"), "profile"));
    assertEquals(2, json.path("reused").asInt());
    assertEquals(1, json.path("failed").asInt());
    assertEquals(2, json.path("builds").get(2).path("error").path("code").asInt());
    assertTrue(json.path("builds").get(0).path("error").isNull());
    desk.verify();
  }

  @Test
  void allMistakesOfAllRecipesAreToldBeforeAnythingIsBuilt() throws IOException {
    desk.file("good", "x");
    desk.recipe("one", "pakages: []\n");
    desk.recipe("two", "files: [{path: /a, from: nowhere}]\n");
    desk.recipe("out", "files: [{path: /a, from: link/x}]\n");
    Files.createSymbolicLink(desk.path("out/link"), desk.path("one"));
    String said = desk.run("build", "good", "one", "out", "two", "gone").with(2).err();
    assertTrue(said.contains("4 mistakes:"), said);
    assertTrue(said.contains("link/x leads out of the recipe's directory"), said);
    assertTrue(said.contains("one/recipe.yaml:2:1: unknown key"), said);
    assertTrue(said.contains("two/recipe.yaml:2:26: `from`"), said);
    assertTrue(said.contains("there is no recipe gone"), said);
    desk.run("show", "good").with(5);
    desk.run("build", "gone").with(5);
    desk.run("build", "store").with(5);
  }

  @Test
  void twoRecipesOfOneProfileAreRefusedAndOneNamedTwiceIsBuiltOnce() throws IOException {
    desk.file("a", "x");
    desk.write("b/recipe.yaml", "name: a\nfiles: [{path: /b, text: b}]\n");
    desk.run("build", "a", "b").with(2);
    assertTrue(
        desk.run("build", "a", "b").err().contains("both have the name, and so the profile, a"));
    JsonNode json = desk.run("--json", "build", "a", "a/recipe.yaml", "./a/").with(0).json();
    assertEquals(List.of("a"), fields(json.path("builds"), "profile"));
  }

  @Test
  void anInterruptEndsAllOfThem() throws IOException {
    desk.file("one", "1");
    desk.file("two", "2");
    Thread builds = Thread.currentThread();
    AtomicBoolean once = new AtomicBoolean();
    Runnable interrupt =
        () -> {
          if (once.compareAndSet(false, true)) {
            builds.interrupt();
          }
        };
    Desk.Said said = desk.runAtTerminal(interrupt, "build", "one", "two");
    assertFalse(Thread.interrupted(), "it was taken note of");
    assertEquals(130, said.code(), said::toString);
    assertTrue(said.err().contains("interrupted; the images above are built"), said::toString);
    desk.run("show", "two").with(5);
  }

  @Test
  void anInterruptInTheLastKeepsTheOthers() throws IOException {
    desk.file("one", "1");
    desk.file("two", "2");
    Thread builds = Thread.currentThread();
    AtomicBoolean once = new AtomicBoolean();
    Runnable interrupt =
        () -> {
          if (Files.exists(desk.path("two/recipe.lock")) && once.compareAndSet(false, true)) {
            builds.interrupt();
          }
        };
    Desk.Said said = desk.runAtTerminal(interrupt, "build", "one", "two");
    assertFalse(Thread.interrupted(), "it was taken note of");
    assertEquals(130, said.code(), said::toString);
    assertTrue(said.err().contains("interrupted; the images above are built"), said::toString);
    assertTrue(said.out().startsWith("one@1 sha256:"), said::toString);
    assertEquals(1, said.out().lines().count(), said::toString);
    desk.run("show", "one").with(0);
    desk.run("show", "two").with(5);
    desk.run("build", "one", "two").with(0);
    desk.verify();
  }
}
