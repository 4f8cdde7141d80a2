package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RecipeReaderTest {
  @Test
  void theNameComesFromTheDirectoryOrTheFile() {
    assertEquals("web", RecipeReader.defaultName("examples/web/recipe.yaml"));
    assertEquals("web", RecipeReader.defaultName("/srv/web/recipe.yml"));
    assertEquals("web", RecipeReader.defaultName("web.yaml"));
    assertEquals("web.prod", RecipeReader.defaultName("a/web.prod.yaml"));
    assertEquals("", RecipeReader.defaultName("recipe.yaml"));
    assertEquals("", RecipeReader.defaultName("../recipe.yaml"));
    assertEquals("web", read("examples/web/recipe.yaml", "{}").recipe().name());
    assertEquals("api", read("web/recipe.yaml", "name: api").recipe().name());
  }

  @Test
  void aFileWhoseNameCannotBeTheRecipesIsAskedForOne() {
    List<Problem> problems = mistakes("My Site/recipe.yaml", "{}", Map.of());
    assertEquals(1, problems.size());
    assertEquals(0, problems.get(0).line());
    assertEquals(
        "the recipe gives no `name`, and its file's `My Site` cannot be one; add `name: ...`",
        problems.get(0).text());
  }

  @Test
  void settingsStandAboveTheRecipesOwnValues() {
    String yaml = "variables: {port: 80}\nimage: {ports: [\"${port}\"]}\n";
    assertEquals(List.of("80/tcp"), read("a.yaml", yaml).recipe().image().ports());
    RecipeReader.Result set = result("a.yaml", yaml, Map.of("port", "81/udp"));
    assertEquals(
        List.of("81/udp"),
        set.match(r -> r.recipe().image().ports(), m -> fail(m.problems().toString())));
  }

  @Test
  void aSettingIsTakenAsItIs() {
    String yaml = "variables: {v: 1}\nimage: {env: {A: \"${v}\"}}\n";
    RecipeReader.Result set = result("a.yaml", yaml, Map.of("v", "$$ ${v} ${w}"));
    assertEquals(
        "$$ ${v} ${w}",
        set.match(r -> r.recipe().image().env().get("A"), m -> fail(m.problems().toString())));
  }

  @Test
  void aSettingTheRecipeDoesNotKnowIsAMistake() {
    List<Problem> problems =
        mistakes("a.yaml", "variables: {port: 80}\n", Map.of("prot", "81", "zzz", "1"));
    assertEquals(
        List.of(
            "--set prot: the recipe has no variable `prot`; did you mean `port`?",
            "--set zzz: the recipe has no variable `zzz`; it has `port`"),
        problems.stream().map(Problem::toString).toList());
  }

  @Test
  void variablesThatGrowTooLargeAreRefused() {
    String yaml =
        "variables: {v: %s}\nimage: {labels: {a: \"%s\"}}\n"
            .formatted("x".repeat(500_000), "${v}".repeat(100_000));
    List<Problem> problems = mistakes("a.yaml", yaml, Map.of());
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).text().contains("larger than 8 Mi"), problems.get(0).text());
  }

  @Test
  void laterMistakesAreToldWithTheirPlace() {
    String yaml =
        """
        packages:
          - nginx-light
        files:
          - path: /etc/x
            from: missing.txt
        users:
          - {name: app, uid: 5, group: nobodys}
        """;
    RecipeReader.Read read = read("web.yaml", yaml);
    Places places = read.places();
    assertEquals(
        "web.yaml:2:5: no such package",
        places.problem(read.recipe().debian().packages().get(0), "no such package").toString());
    assertEquals(
        "web.yaml:5:11: no such file",
        places.problem(read.recipe().files().get(0), "no such file").toString());
    assertEquals(
        "web.yaml:7:12: no such group",
        places.problem(read.recipe().users().get(0), "no such group").toString());
    assertEquals("web.yaml: too large", places.problem("too large").toString());
  }

  @Test
  void veryManyMistakesEndInANumber() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      yaml.append("unknown").append(i).append(": 1\n");
    }
    List<Problem> problems = mistakes("a.yaml", yaml.toString(), Map.of());
    assertEquals(101, problems.size());
    assertEquals("a.yaml: and 900 more mistakes", problems.get(100).toString());
  }

  @Test
  void linesMayEndAsOnOtherSystems() {
    for (String end : List.of("\n", "\r\n", "\r")) {
      String yaml = "\ufeffname: a1" + end + "pakages: []" + end;
      Problem problem = mistakes("a.yaml", yaml, Map.of()).get(0);
      assertEquals(2, problem.line());
      assertEquals(1, problem.column());
    }
  }

  @Test
  void modesAreAlwaysOctal() {
    for (String mode : List.of("0644", "\"0644\"", "644", "0o644", "'0o644'", "00644")) {
      Recipe recipe = read("a.yaml", "files: [{path: /x, text: x, mode: " + mode + "}]").recipe();
      FileEntry.Inline file = (FileEntry.Inline) recipe.files().get(0);
      assertEquals(0644, file.attributes().mode(), mode);
    }
  }

  @Test
  void spansOfTimeAddUp() {
    assertEquals(5_400_000_000_000L, Times.nanos("1h30m").value().orElseThrow());
    assertEquals(90_500_000_000L, Times.nanos("1m30s500ms").value().orElseThrow());
    for (String wrong : List.of("", "s", "5", "-5s", "1.5s", "5s5", "9000h", "999999999999h")) {
      assertTrue(Times.nanos(wrong).value().isEmpty(), wrong);
    }
  }

  static RecipeReader.Read read(String file, String yaml) {
    return result(file, yaml, Map.of())
        .match(read -> read, mistakes -> fail(Carets.render(mistakes.problems(), yaml)));
  }

  static RecipeReader.Result result(String file, String yaml, Map<String, String> settings) {
    return RecipeReader.read(file, yaml.getBytes(StandardCharsets.UTF_8), new TreeMap<>(settings));
  }

  private static List<Problem> mistakes(String file, String yaml, Map<String, String> settings) {
    return result(file, yaml, settings)
        .match(read -> fail("accepted: " + read), RecipeReader.Mistakes::problems);
  }
}
