package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A recipe over others. */
class ExtendsTest {
  private static final String FILE = "web/recipe.yaml";
  private static final String BASE = "../base/recipe.yaml";

  @Test
  void mappingsAreMergedByKeyListsThatAddAreJoinedAndOursWins() {
    String base =
        """
        name: base
        platforms: [linux/amd64, linux/arm64]
        variables: {port: 80, tz: UTC}
        debian: {suites: [bookworm], components: [main, contrib]}
        packages: [nginx-light, curl=1, tzdata]
        groups: [{name: ops, gid: 1001}]
        users: [{name: app, uid: 1002}]
        files:
          - {path: /etc/motd, text: base}
          - {path: /srv, from: site}
        image:
          env: {TZ: "${tz}", A: base}
          labels: {org.example.base: "1"}
          cmd: [base, -x]
          ports: ["${port}"]
        """;
    String ours =
        """
        extends: ../base/recipe.yaml
        platforms: [linux/amd64]
        variables: {port: 81}
        debian: {components: [main]}
        packages: [jq, curl/bookworm]
        groups: [{name: dev, gid: 1003}]
        users: [{name: app, uid: 1004}]
        files:
          - {path: /srv, from: ./site/}
          - {path: /etc/motd, text: ours}
        image:
          env: {A: ours}
          cmd: [ours]
        """;
    String written =
        """
        name: web
        variables: {port: 81, tz: UTC}
        debian: {suites: [bookworm], components: [main]}
        packages: [nginx-light, tzdata, jq, curl/bookworm]
        groups: [{name: ops, gid: 1001}, {name: dev, gid: 1003}]
        users: [{name: app, uid: 1004}]
        files:
          - {path: /srv, from: base-site}
          - {path: /srv, from: site}
          - {path: /etc/motd, text: ours}
        image:
          env: {TZ: "${tz}", A: ours}
          labels: {org.example.base: "1"}
          cmd: [ours]
          ports: ["${port}"]
        """;
    String expected =
        RecipeDigest.canonical(VariantsText.one(written, Map.of()))
            .replace("base-site", "../base/site");
    assertEquals(expected, RecipeDigest.canonical(VariantsText.one(ours, Map.of(BASE, base))));
  }

  @Test
  void ofSeveralTheLaterWinsAndOneThatTwoExtendIsReadOnce() {
    Map<String, String> bases =
        Map.of(
            "../a/recipe.yaml",
            "extends: ../c/recipe.yaml\npackages: [aa]\nimage: {env: {X: a, Y: a}}\n",
            "../b/recipe.yaml",
            "extends: [../c/recipe.yaml]\npackages: [bb]\nimage: {env: {Y: b}}\n",
            "../c/recipe.yaml",
            "packages: [cc]\nimage: {env: {X: c, Y: c, Z: c}}\nfiles: [{path: /c, from: c}]\n");
    Recipe recipe = VariantsText.one("extends: [../a/recipe.yaml, ../b/recipe.yaml]\n", bases);
    assertEquals(new TreeMap<>(Map.of("X", "a", "Y", "b", "Z", "c")), recipe.image().env());
    assertEquals(
        List.of("aa", "bb", "cc"),
        recipe.debian().packages().stream().map(PackageRequest::toString).toList());
    assertEquals("../c/c", ((FileEntry.Copied) recipe.files().get(0)).from());
  }

  @Test
  void pathsOfABaseAreSeenFromTheRecipe() {
    assertEquals("../base/site", Origin.join("../base", "site"));
    assertEquals("../lib", Origin.join("../base", "../lib"));
    assertEquals("site", Origin.join("common", "../site"));
    assertEquals("../../x", Origin.join("..", "../x"));
    assertEquals(".", Origin.join("common", ".."));
    Recipe recipe =
        VariantsText.one(
            "extends: common/one.yaml\n",
            Map.of(
                "common/one.yaml", "extends: ../../two.yaml\nfiles: [{path: /a, from: .}]\n",
                "../two.yaml", "files: [{path: /b, from: b/c}]\n"));
    assertEquals(
        List.of("../b/c", "common"),
        recipe.files().stream().map(each -> ((FileEntry.Copied) each).from()).toList());
  }

  @Test
  void pathsOfStepsAndInputsAreBesideTheBaseToo() {
    String base =
        """
        inputs: {src: {path: source}, gone: {url: "https://example.org/a.tar"}}
        steps:
          one:
            root: {recipe: ./tools}
            inputs: {lib: ../lib, here: ., named: src}
            secrets: {token: {file: token}, key: {file: ~/key}}
            run: "true"
          two: {root: {from: ./tree}, run: "true", env: {A: b}}
        """;
    String ours =
        """
        extends: ../base/recipe.yaml
        inputs: {gone: {path: ours}}
        steps:
          two: {root: {from: ./tree}, run: "false"}
        """;
    String written =
        """
        inputs: {src: {path: base/source}, gone: {path: ours}}
        steps:
          one:
            root: {recipe: ../base/tools}
            inputs: {lib: ../lib, here: ../base, named: src}
            secrets: {token: {file: ../base/token}, key: {file: ~/key}}
            run: "true"
          two: {root: {from: ./tree}, run: "false"}
        """;
    String expected =
        RecipeDigest.canonical(VariantsText.one(written, Map.of()))
            .replace("base/source", "../base/source");
    assertEquals(expected, RecipeDigest.canonical(VariantsText.one(ours, Map.of(BASE, base))));
  }

  @Test
  void onlyABaseLeadsOut() {
    String out = "files: [{path: /x, from: ../x}]\n";
    assertTrue(
        VariantsText.mistakes(VariantsText.read(FILE, out, Map.of()))
            .get(0)
            .contains("holds `..`"));
    List<String> mistakes =
        VariantsText.mistakes(VariantsText.read(FILE, "extends: " + BASE, Map.of(BASE, out)));
    assertEquals(1, mistakes.size());
    assertTrue(mistakes.get(0).startsWith(BASE + ":1:26: `from`: `../x` holds `..`"));
  }

  @Test
  void whatIsKeptIsOneTextThatReadsBackAsEqual() {
    RecipeVariants.Variant one =
        VariantsText.found(
                VariantsText.read(
                    FILE,
                    "extends: " + BASE + "\nvariables: {x: 1}\n",
                    Map.of(
                        BASE, "files: [{path: /x, from: \"${x}\"}]\nimage: {env: {A: \"$$\"}}\n"),
                    Map.of("x", "y")))
            .get(0);
    assertTrue(one.settings().isEmpty());
    Recipe again =
        RecipeReader.kept("other", one.text().toArray(), one.settings())
            .match(
                RecipeReader.Read::recipe,
                wrong -> org.junit.jupiter.api.Assertions.fail(wrong.toString()));
    assertEquals(one.recipe(), again);
    assertEquals("../base/y", ((FileEntry.Copied) again.files().get(0)).from());
    assertEquals("web", again.name());
  }

  @Test
  void aPlainRecipeIsKeptAsItIsWritten() {
    String yaml = "# a remark\nvariables: {x: 1}\npackages: [busybox]\n";
    RecipeVariants.Variant one =
        VariantsText.found(VariantsText.read(FILE, yaml, Map.of(), Map.of("x", "2"))).get(0);
    assertEquals(yaml, new String(one.text().toArray(), StandardCharsets.UTF_8));
    assertEquals(Map.of("x", "2"), one.settings());
  }

  @Test
  void mistakesNameTheFileTheyAreIn() {
    String base = "pakages: [x]\nfiles:\n  - {path: x, text: y}\nimage: {env: {A: \"${no}\"}}\n";
    List<String> mistakes =
        VariantsText.mistakes(
            VariantsText.read(
                FILE, "extends: " + BASE + "\nimage: {cmdd: [x]}\n", Map.of(BASE, base)));
    assertEquals(
        List.of("web/recipe.yaml:2:9", BASE + ":1:1", BASE + ":3:12", BASE + ":4:18"),
        mistakes.stream().map(m -> m.replaceAll("(:\\d+:\\d+).*", "$1")).toList());
  }

  @Test
  void mistakesThatAreFoundLaterNameTheBaseToo() {
    RecipeVariants.Variant one =
        VariantsText.found(
                VariantsText.read(
                    FILE, "extends: " + BASE, Map.of(BASE, "packages:\n  - nobody-has-it\n")))
            .get(0);
    assertEquals(
        BASE + ":2:5: unknown",
        one.places().problem(one.recipe().debian().packages().get(0), "unknown").toString());
  }

  @Test
  void aBaseThatIsNoRecipeIsToldByItsName() {
    Map<String, String> wrong = new HashMap<>();
    wrong.put("[a]", BASE + ":1:1: a recipe is a mapping, this is a list");
    wrong.put("", BASE + ": a recipe is a mapping, this is nothing");
    wrong.put("a: [", BASE + ":1:5: this is not YAML");
    wrong.put("a: 1\na: 2\n", BASE + ":2:1: `a` is here a second time");
    wrong.put("a: !x b", BASE + ":1:4: tags have no meaning here");
    wrong.forEach(
        (text, begins) -> {
          List<String> mistakes =
              VariantsText.mistakes(
                  VariantsText.read(FILE, "extends: " + BASE, Map.of(BASE, text)));
          assertEquals(1, mistakes.size(), mistakes::toString);
          assertTrue(mistakes.get(0).startsWith(begins), mistakes::toString);
        });
  }

  @Test
  void pathsThatAreNoneAndBasesThatAreNotThereAreRefused() {
    for (String path : List.of("/abs.yaml", "\"\"", "dir/", "\"${x}.yaml\"", "{a: b}", "~")) {
      List<String> mistakes =
          VariantsText.mistakes(VariantsText.read(FILE, "extends: [" + path + "]", Map.of()));
      assertEquals(1, mistakes.size(), mistakes::toString);
      assertTrue(mistakes.get(0).startsWith(FILE + ":1:11: `extends`"), mistakes::toString);
    }
    assertEquals(
        List.of(FILE + ":1:10: `extends`: `no.yaml` is not there"),
        VariantsText.mistakes(VariantsText.read(FILE, "extends: no.yaml", Map.of())));
  }

  @Test
  void circlesAreNamed() {
    Map<String, String> bases =
        Map.of(
            "../a/recipe.yaml", "extends: ../b/recipe.yaml",
            "../b/recipe.yaml", "extends: ../a/recipe.yaml");
    assertEquals(
        List.of(
            "../b/recipe.yaml:1:10: `extends`: a circle: ../a/recipe.yaml extends"
                + " ../b/recipe.yaml extends ../a/recipe.yaml"),
        VariantsText.mistakes(VariantsText.read(FILE, "extends: ../a/recipe.yaml", bases)));
  }

  @Test
  void depthNumberAndSizeAreBounded() {
    Map<String, String> chain = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      chain.put(i + ".yaml", "extends: " + (i + 1) + ".yaml\n");
    }
    chain.put(Bases.DEEPEST - 1 + ".yaml", "packages: [xx]\n");
    VariantsText.found(VariantsText.read(FILE, "extends: 0.yaml", chain));
    chain.put(Bases.DEEPEST - 1 + ".yaml", "extends: " + Bases.DEEPEST + ".yaml\n");
    refused(chain, "extends: 0.yaml", "at most 8 deep");

    Map<String, String> many = new HashMap<>();
    StringBuilder list = new StringBuilder("extends:\n");
    for (int i = 0; i <= Bases.MOST; i++) {
      many.put(i + ".yaml", "{}");
      list.append("  - ").append(i).append(".yaml\n");
    }
    refused(many, list.toString(), "at most 32 others");

    String values = "packages: [" + "x,".repeat(YamlComposer.MOST_NODES * 2 / 3) + "]\n";
    refused(
        Map.of("0.yaml", values, "1.yaml", values),
        "extends: [0.yaml, 1.yaml]",
        "have at most 100000 values");
  }

  @Test
  void whatIsTooLargeToBeKeptIsRefused() {
    String half = "image: {labels: {%s: " + "x".repeat(YamlText.LARGEST * 2 / 3) + "}}\n";
    refused(
        Map.of("0.yaml", half.formatted("a"), "1.yaml", half.formatted("b")),
        "extends: [0.yaml, 1.yaml]",
        "too large to be kept");
  }

  private static void refused(Map<String, String> bases, String yaml, String why) {
    List<String> mistakes = VariantsText.mistakes(VariantsText.read(FILE, yaml, bases));
    assertEquals(1, mistakes.size(), mistakes::toString);
    assertTrue(mistakes.get(0).contains(why), mistakes::toString);
  }
}
