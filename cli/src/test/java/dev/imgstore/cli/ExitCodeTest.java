package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exit codes that are documented, for each command, and the complaint that goes with them. */
final class ExitCodeTest {
  @TempDir static Path directory;
  private static Desk desk;

  @BeforeAll
  static void prepare() throws IOException {
    desk = new Desk(directory);
    desk.recipe(
        "web",
        """
        variables: {port: "80"}
        files: [{path: /port, text: "${port}"}]
        image: {ports: ["${port}"]}
        """);
    desk.run("build", "web").with(0);
    desk.run("build", "web", "--set", "port=81").with(0);
    desk.file("once", "once");
    desk.run("build", "once").with(0);
    desk.file("unlocked", "never built");
    desk.file("stale", "built with packages later");
    desk.run("lock", "stale").with(0);
    desk.recipe("stale", "packages: [more]\n");
    desk.recipe("copies", "files:\n  - {path: /a, from: nothing}\n");
    desk.recipe("broken", "pakages: [a]\nimage: {prots: [80], compression: zst}\n");
    desk.recipe("packages", "packages: [some]\n");
  }

  @AfterAll
  static void storeIsSound() {
    desk.verify();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2 | frob                                        | frob
          2 | shwo web                                    | did you mean
          2 | build                                       | RECIPE
          2 | build web --frob                            | --frob
          2 | build web --platform potato                 | linux/amd64 or
          2 | build web --platform linux/s390x            | the recipe is for linux/amd64
          2 | build web --profile a/b                     | letters, digits
          2 | build web --set port                        | name=value
          2 | build web --set prot=1                      | prot
          2 | build broken                                | 3 mistakes
          2 | build packages --offline                    | imgstore lock packages
          2 | build unlocked --locked                     | there is no
          2 | build stale --locked                        | does not fit the recipe any more
          5 | build nothere                               | there is no recipe nothere
          2 | build copies                                | copies/recipe.yaml:3:22: `from`: there is no file
          2 | lock                                        | RECIPE
          2 | lock broken                                 | 3 mistakes
          2 | lock web --set prot=1                       | prot
          5 | lock nothere                                | there is no recipe nothere
          2 | show                                        | REF
          5 | show nope                                   | imgstore ls lists what there is
          5 | show web@99                                 | imgstore generations web
          5 | show web~99                                 | history goes back 1 step
          5 | show sha256:000000000000                    | imgstore ls
          5 | show ../web                                 | there is no recipe ../web
          5 | show nope/recipe.yaml                       | there is no recipe
          5 | show unlocked/recipe.yaml                   | imgstore ls lists what there is
          2 | ls web                                      | web
          2 | generations                                 | PROFILE
          5 | generations nope                            | imgstore ls lists what there is
          5 | switch nope web                             | imgstore ls lists what there is
          5 | switch web nope                             | imgstore ls lists what there is
          5 | switch web 99                               | imgstore generations web
          5 | switch web once                             | no generation of web
          5 | rollback nope                               | imgstore ls lists what there is
          5 | rollback web --to 99                        | imgstore generations web
          5 | rollback web --to 0                         | imgstore generations web
          5 | rollback once                               | nothing was current before once@1
          2 | rollback web --to x                         | --to
          2 | diff web                                    | REF
          5 | diff web nope                               | imgstore ls lists what there is
          5 | log nope                                    | imgstore ls lists what there is
          2 | find                                        | find what?
          2 | find a --file /a                            | find what?
          2 | find a<                                     | is no package
          2 | find a<_                                    | is no version
          2 | find --file ../a                            | a name is not
          2 | find --file /                               | a file has a name
          5 | find a --profile nope                       | imgstore ls lists what there is
          2 | export                                      | imgstore export --help
          2 | export oci web                              | DEST
          5 | export oci nope out                         | imgstore ls lists what there is
          2 | export oci web -                            | oci-archive
          2 | export oci web out --format tar             | docker-archive
          2 | export oci web out --format docker-archive --platform potato | linux/amd64 or
          1 | export oci web no/where/out                 | make it first
          5 | --store no/store ls                         | there is no store
          5 | --store no/store verify                     | there is no store
          1 | --store web ls                              | is not a store
          2 | verify web                                  | web
          2 | schema web                                  | web
          2 | doctor web                                  | web
          """)
  void complains(int code, String line, String words) {
    Desk.Said said = desk.run(line.split(" ", -1)).with(code);
    assertTrue(said.err().contains(words), said::toString);
    assertTrue(said.out().isEmpty(), said::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "build web --no-switch",
    "lock web",
    "schema",
    "show web",
    "ls",
    "generations web",
    "diff web~1 web",
    "log",
    "log web",
    "find a",
    "find --file /port",
    "verify",
    "generate-completion",
    "--version",
    "switch web 2",
    "rollback web --to 2"
  })
  void isDone(String line) {
    Desk.Said said = desk.run(line.split(" ", -1)).with(0);
    assertFalse(said.out().isEmpty(), said::toString);
  }

  @Test
  void allMistakesOfARecipeAreToldWithPlacesAndCarets() {
    Desk.Said said = desk.run("build", "broken").with(2);
    for (String words :
        new String[] {
          "broken/recipe.yaml:2:1: unknown key `pakages`; did you mean `packages`?",
          "broken/recipe.yaml:3:9: unknown key `prots`; did you mean `ports`?",
          "broken/recipe.yaml:3:35: `compression`: `zst` is unknown; did you mean `zstd`?",
          "^^^^^^^",
        }) {
      assertTrue(said.err().contains(words), () -> "no " + words + " in\n" + said.err());
    }
    assertFalse(Files.exists(desk.path("broken/recipe.lock")));
  }

  @Test
  void aRefusedLockIsNotTouchedAndAMissingOneNotMade() throws IOException {
    String before = Files.readString(desk.path("stale/recipe.lock"));
    desk.run("build", "stale", "--locked").with(2).complains("imgstore lock stale");
    desk.run("build", "unlocked", "--locked").with(2).complains("imgstore lock unlocked");
    assertTrue(before.equals(Files.readString(desk.path("stale/recipe.lock"))));
    assertFalse(Files.exists(desk.path("unlocked/recipe.lock")));
  }

  @Test
  void askingAStoreThatIsNotThereMakesNone() {
    desk.run("--store", "typo", "ls").with(5).complains("typo");
    assertFalse(Files.exists(desk.path("typo")));
  }

  @Test
  void stackTracesAreShownOnlyForTwoVs() {
    assertFalse(desk.run("show", "nope", "-v").with(5).err().contains("\tat "));
    assertTrue(desk.run("show", "nope", "-vv").with(5).err().contains("\tat "));
  }

  @Test
  void twoBuildsOfOneProfileAtOnceAreBusy() throws IOException {
    desk.file("race", "one");
    desk.run("build", "race").with(0);
    desk.file("race", "two");
    desk.file("other", "three");
    boolean[] once = {false};
    Runnable meanwhile =
        () -> {
          if (!once[0]) {
            once[0] = true;
            desk.run("build", "other", "--profile", "race").with(0);
          }
        };
    Desk.Said said = desk.runAtTerminal(meanwhile, "build", "race").with(4);
    assertTrue(once[0]);
    assertTrue(said.err().contains("race"), said::err);
    assertTrue(desk.run("show", "race").out().startsWith("race@2 "));
    desk.run("build", "race").with(0);
  }
}
