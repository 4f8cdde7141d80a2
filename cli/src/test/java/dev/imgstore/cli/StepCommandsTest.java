package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recipes with steps, as typed; the steps run in a real sandbox on the machine's busybox. */
@Tag("tools")
@Timeout(120)
class StepCommandsTest {
  private static final String FIVE =
      """
      steps:
        one: {root: ../root, inputs: {src: ./src}, run: "sed 's/#.*//' /src/a > $out/f"}
        two: {root: ../root, inputs: {in: one}, run: "tr a-z A-Z < /in/f > $out/f"}
        three: {root: ../root, inputs: {in: two}, run: "cat /in/f /in/f > $out/f"}
        four: {root: ../root, inputs: {in: three}, run: "cat /in/f > $out/f; echo printed"}
        five: {root: ../root, inputs: {in: four}, run: [cp, /in/f, /outputs/out]}
      files:
        - {path: /f, step: five, file: f}
      """;

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void root() throws IOException {
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    assumeTrue(Files.isExecutable(busybox), "needs busybox-static");
    desk = new Desk(directory);
    desk.user("root");
    Files.createDirectories(desk.path("root/bin"));
    Files.copy(busybox, desk.path("root/bin/busybox"));
    assertTrue(desk.path("root/bin/busybox").toFile().setExecutable(true));
    for (String each : List.of("sh", "sed", "tr", "cat", "cp", "ls")) {
      Files.createSymbolicLink(desk.path("root/bin/" + each), Path.of("busybox"));
    }
  }

  private Map<String, String> states(String recipe) {
    Map<String, String> states = new TreeMap<>();
    JsonNode steps = desk.run("plan", recipe, "--json").with(0).json().path("steps");
    steps.forEach(step -> states.put(step.path("step").asText(), step.path("state").asText()));
    return states;
  }

  @Test
  void aCommentInTheFirstOfFiveStepsRunsOne() throws IOException {
    desk.recipe("r", FIVE);
    desk.write("r/src/a", "text# a comment\n");
    desk.run("lock", "r").with(0);
    assertEquals("run", states("r").get("five"));
    String before = desk.run("build", "r").with(0).image();
    assertEquals("TEXT\nTEXT\n", desk.run("cat", "r", "/f").with(0).out());
    assertEquals(
        Map.of(
            "one", "reused", "two", "reused", "three", "reused", "four", "reused", "five",
            "reused"),
        states("r"));

    desk.write("r/src/a", "text# another comment\n");
    assertEquals(
        """
        one: will run
        two: runs if one's output changes
        three: runs if two's output changes
        four: runs if three's output changes
        five: runs if four's output changes
        """,
        desk.run("plan", "r").with(0).out());
    String why = desk.run("why-rebuild", "r").with(0).out();
    assertTrue(why.startsWith("one will run because:\n  tree at /src changed:\n"), why);
    assertTrue(why.endsWith("\n    /a changed\n"), why);
    assertFalse(why.contains("two"), why);
    Desk.Said built = desk.run("build", "r", "--json").with(0);
    assertEquals(1, built.json().path("stepsRun").asInt(), built::toString);
    assertEquals(before, built.image());
    built = desk.run("build", "r", "--json").with(0);
    assertEquals(0, built.json().path("stepsRun").asInt(), built::toString);
    assertTrue(desk.run("why-rebuild", "r").with(0).out().contains("one ran last because:"));
  }

  @Test
  void whyNamesTheLineAndTheVariableThatChanged() throws IOException {
    desk.recipe("r", "steps: {a: {root: ../root, env: {A: b}, run: \"true\\necho x\"}}");
    desk.run("build", "r").with(0);
    desk.recipe("r", "steps: {a: {root: ../root, env: {A: c, D: e}, run: \"true\\necho y\"}}");
    assertEquals(
        """
        a will run because:
          env A changed:
            was b
            is  c
          env D is new
          run changed:
            was line 2: echo x
            is  line 2: echo y
        """,
        desk.run("why-rebuild", "r").with(0).out());
  }

  @Test
  void aFailureIsToldKeptAndEntered() throws IOException {
    desk.recipe(
        "r", "steps: {bad: {root: ../root, run: \"echo why; echo left > /build/x; exit 3\"}}");
    Desk.Said failed = desk.run("build", "r", "--on-fail=keep", "-q").with(1);
    assertTrue(failed.err().contains("step bad failed with exit code 3"), failed::toString);
    assertTrue(failed.err().contains("\n  why\n"), failed::toString);
    assertEquals("why\n", desk.run("logs", "r", "bad").with(0).out());
    String key = failed.err().replaceFirst("(?s).*imgstore shell ([0-9a-f]+) .*", "$1");
    assertEquals("why\n", desk.run("logs", key).with(0).out());
    assertEquals("left\n", desk.run("shell", key, "-c", "cat", "/build/x").with(0).out());
    assertTrue(desk.run("why-rebuild", "r").with(0).out().contains("its last run failed"));
    assertTrue(desk.run("logs", "r", "worse").with(5).err().contains("it has bad"));
  }

  @Test
  void secretsComeFromWhoeverBuildsAndAreNotPrinted() throws IOException {
    desk.recipe(
        "r",
        """
        steps:
          a:
            root: ../root
            secrets: {t: {env: TOKEN}, f: {file: ./secret}}
            run: cat /run/secrets/t /run/secrets/f | tr a-z A-Z > $out/f
        files: [{path: /f, step: a, file: f}]
        """);
    desk.write("r/secret", "from-a-file");
    assertTrue(desk.run("build", "r", "-q").with(1).err().contains("TOKEN"));
    desk.set("TOKEN", "abc");
    assertTrue(desk.run("build", "r", "-q").with(1).err().contains("fewer than 6 bytes"));
    desk.set("TOKEN", "the-token");
    desk.run("build", "r").with(0);
    assertEquals("THE-TOKENFROM-A-FILE", desk.run("cat", "r", "/f").with(0).out());
    desk.recipe(
        "r",
        "steps: {a: {root: ../root, secrets: {t: {env: TOKEN}}, run: 'cat /run/secrets/t; exit 1'}}");
    Desk.Said printed = desk.run("build", "r", "-q").with(1);
    assertTrue(printed.err().contains("secret t"), printed::toString);
    assertFalse(printed.err().contains("the-token"), printed::toString);
  }

  @Test
  void aFailureOfAStepWithSecretsIsKeptUnlessItHoldsOne() throws IOException {
    desk.set("TOKEN", "the-token");
    String step = "steps: {a: {root: ../root, secrets: {t: {env: TOKEN}}, run: '%s; exit 1'}}";
    desk.recipe("r", step.formatted("echo why; echo left > /build/x"));
    desk.run("build", "r", "--on-fail=keep", "-q").with(1);
    assertEquals("why\n", desk.run("logs", "r", "a").with(0).out());
    assertEquals("left\n", desk.run("shell", "r", "a", "-c", "cat", "/build/x").with(0).out());
    desk.recipe("r", step.formatted("echo well; cp /run/secrets/t /build/x"));
    Desk.Said failed = desk.run("build", "r", "--on-fail=keep", "-q").with(1);
    assertTrue(failed.err().contains("secret t"), failed::toString);
    assertEquals("why\n", desk.run("logs", "r", "a").with(0).out());
  }

  @Test
  void anotherRecipeIsARoot() throws IOException {
    desk.recipe("tool", "files: [{path: /bin, from: bin}, {path: /made, text: \"by-tool\\n\"}]");
    Files.createDirectories(desk.path("tool/bin"));
    Files.copy(desk.path("root/bin/busybox"), desk.path("tool/bin/sh"));
    assertTrue(desk.path("tool/bin/sh").toFile().setExecutable(true));
    desk.recipe(
        "r",
        """
        steps: {a: {root: {recipe: ../tool}, run: "read x < /made; echo $x > $out/f"}}
        files: [{path: /f, step: a, file: f}]
        """);
    desk.run("build", "r").with(0);
    assertEquals("by-tool\n", desk.run("cat", "r", "/f").with(0).out());
    desk.recipe("tool", "files: [{path: /bin, from: bin}, {path: /made, text: \"anew\\n\"}]");
    desk.run("build", "r").with(0);
    assertEquals("anew\n", desk.run("cat", "r", "/f").with(0).out());
    String checked = desk.run("build", "r", "--check").with(0).out();
    assertTrue(checked.endsWith("checked 1 action: nothing differs\n"), checked);
    desk.recipe("tool", "steps: {a: {root: {recipe: ../r}, run: x}}");
    assertTrue(desk.run("build", "r", "-q").with(2).err().contains("in a circle"));
  }

  @Test
  void whatIsNotThereIsToldBeforeAnythingRuns() throws IOException {
    desk.recipe("r", "steps: {a: {root: ./no, inputs: {x: ../gone}, run: x}}");
    Desk.Said said = desk.run("build", "r").with(2);
    assertTrue(said.err().contains("there is no file or directory ./no beside it"), said::err);
    assertTrue(said.err().contains("recipe.yaml:2:37: "), said::err);
    assertTrue(said.err().contains("../gone"), said::err);
  }

  @Test
  void aStepThatWritesTooMuchIsNotTakenForAFullDisk() throws IOException {
    desk.recipe(
        "r", "steps: {a: {root: ../root, limits: {output: 1m}, run: 'cat /bin/busybox > $out/f'}}");
    Desk.Said failed = desk.run("build", "r", "-q").with(1);
    assertTrue(failed.err().contains("may write 1048576 bytes"), failed::toString);
    assertFalse(failed.err().contains("make room"), failed::toString);
  }

  @Test
  void withoutARangeOfIdsOnlyStepsAreRefused() throws IOException {
    desk.user("nobody-of-that-name");
    desk.recipe("r", "steps: {a: {root: ../root, run: x}}");
    assertTrue(desk.run("build", "r", "-q").with(1).err().contains("/etc/subuid"));
    desk.file("plain", "text");
    desk.run("build", "plain").with(0);
  }

  @Test
  void aPlanSaysWhatItDoesNotKnowYet() throws IOException {
    try (WebFolder web = new WebFolder().with("x.tar", new Deb.Tar().file("./a", "a").end())) {
      desk.recipe("tool", "files: [{path: /bin, from: bin}]");
      Files.createDirectories(desk.path("tool/bin"));
      Files.copy(desk.path("root/bin/busybox"), desk.path("tool/bin/sh"));
      assertTrue(desk.path("tool/bin/sh").toFile().setExecutable(true));
      desk.recipe(
          "r",
          """
          inputs: {x: {url: "%s"}}
          steps:
            a: {root: ../root, inputs: {x: x}, run: "cat /x/a > $out/f"}
            b: {root: ../root, inputs: {a: a}, run: "cat /a/f > $out/f"}
            c: {root: {recipe: ../tool}, run: "echo c > $out/f"}
            d: {root: ../root, run: "echo d > $out/f"}
          """
              .formatted(web.url("x.tar")));
      desk.run("lock", "r").with(0);
      desk.set("IMGSTORE_HOME", desk.path("empty").toString());
      assertEquals(
          """
          a: not known yet: the input x is not fetched
          b: not known yet: a is not made yet
          c: not known yet: its root, the recipe ../tool, is not built
          d: will run
          """,
          desk.run("plan", "r").with(0).out());
      String why = desk.run("why-rebuild", "r").with(0).out();
      assertTrue(why.contains("a may run because:\n  the input x is not fetched\n"), why);
      desk.run("build", "r").with(0);
      assertEquals("reused", states("r").get("c"));
    }
  }

  @Test
  void aPlanIsOfAllTheImages() throws IOException {
    desk.write(
        "all/m/recipe.yaml",
        """
        name: m
        matrix: {v: [x, y]}
        steps: {a: {root: ../../root, run: "echo ${v} > $out/f"}}
        """);
    desk.write("all/n/recipe.yaml", "name: n\nsteps: {b: {root: ../../root, run: \"true\"}}\n");
    desk.run("build", "all/m", "--set", "v=x").with(0);
    assertEquals(2, desk.run("plan", "all").code(), "no lock");
    desk.run("build", "all", "--no-switch").with(0);
    desk.write("all/n/recipe.yaml", "name: n\nsteps: {b: {root: ../../root, run: \"exit 0\"}}\n");
    assertEquals(
        """
        m-x: a: reused
        m-y: a: reused
        n: b: will run
        """,
        desk.run("plan", "all").with(0).out());
    assertEquals("m-y: a: reused\n", desk.run("plan", "all/m", "--set", "v=y").with(0).out());
    JsonNode why = desk.run("why-rebuild", "all", "--json").with(0).json();
    assertEquals("n", why.at("/steps/0/image").asText());
    assertEquals(1, why.path("steps").size());
  }
}
