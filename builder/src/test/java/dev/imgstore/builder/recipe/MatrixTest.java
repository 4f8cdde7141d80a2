package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** One recipe, several images. */
class MatrixTest {
  private static final String FILE = "web/recipe.yaml";
  private static final String PHP =
      """
      matrix: {php: ["8.1", "8.2"], flavour: [slim, full]}
      packages: ["php${php}-cli"]
      image: {env: {FLAVOUR: "${flavour}"}}
      """;

  private static List<String> names(String yaml, Map<String, String> settings) {
    return VariantsText.found(VariantsText.read(FILE, yaml, Map.of(), settings)).stream()
        .map(each -> each.recipe().name())
        .toList();
  }

  private static List<String> mistakes(String yaml, Map<String, String> settings) {
    return VariantsText.mistakes(VariantsText.read(FILE, yaml, Map.of(), settings));
  }

  @Test
  void everyCombinationIsARecipeOfItsOwn() {
    List<RecipeVariants.Variant> all = VariantsText.found(VariantsText.read(FILE, PHP, Map.of()));
    assertEquals(
        List.of("8.1-slim", "8.1-full", "8.2-slim", "8.2-full"),
        all.stream().map(RecipeVariants.Variant::label).toList());
    assertEquals("php8.2-cli", all.get(2).recipe().debian().packages().get(0).name());
    assertEquals("full", all.get(3).recipe().image().env().get("FLAVOUR"));
    assertEquals(all.get(0).source(), all.get(1).source(), "the same packages, the same source");
    assertNotEquals(all.get(0).source(), all.get(2).source());
    for (RecipeVariants.Variant each : all) {
      assertEquals(
          each.recipe(),
          RecipeReader.kept("x", each.text().toArray(), each.settings())
              .match(RecipeReader.Read::recipe, wrong -> null));
    }
  }

  @Test
  void namesAreTheRecipesIfTheyAreDistinctAndElseOfTheValues() {
    assertEquals(
        List.of("web-8.1-slim", "web-8.1-full", "web-8.2-slim", "web-8.2-full"),
        names(PHP, Map.of()));
    assertEquals(
        List.of("s-8.1", "f-8.1", "s-8.2", "f-8.2"),
        names(
            "name: \"${flavour}-${php}\"\n" + PHP.replace("slim", "s").replace("full", "f"),
            Map.of()));
    assertEquals(
        List.of("php8.1-8.1-slim", "php8.1-8.1-full", "php8.2-8.2-slim", "php8.2-8.2-full"),
        names("name: \"php${php}\"\n" + PHP, Map.of()));
    assertEquals(List.of("web"), names("matrix: {a: [x]}", Map.of()));
  }

  @Test
  void settingsPickVariantsAndNamesStay() {
    assertEquals(List.of("web-8.2-slim", "web-8.2-full"), names(PHP, Map.of("php", "8.2")));
    assertEquals(List.of("web-8.1-full"), names(PHP, Map.of("php", "8.1", "flavour", "full")));
    assertEquals(
        List.of("--set php: the matrix has no `8.3`; did you mean `8.2`?"),
        mistakes(PHP, Map.of("php", "8.3")).stream().map(m -> m.replace("8.1", "8.2")).toList());
    String excluded = PHP.replace("full]}", "full], exclude: [{php: \"8.1\", flavour: full}]}");
    assertEquals(
        List.of("web-8.1-slim", "web-8.2-slim", "web-8.2-full"), names(excluded, Map.of()));
    assertEquals(
        List.of("--set: the matrix excludes what these settings pick"),
        mistakes(excluded, Map.of("php", "8.1", "flavour", "full")));
  }

  @Test
  void otherSettingsStandAboveEveryVariant() {
    String yaml =
        "variables: {tz: UTC, php: 1}\nmatrix: {php: [7, 8]}\nimage: {env: {A: \"${tz}${php}\"}}";
    List<RecipeVariants.Variant> all =
        VariantsText.found(VariantsText.read(FILE, yaml, Map.of(), Map.of("tz", "CET")));
    assertEquals(
        List.of("CET7", "CET8"),
        all.stream().map(each -> each.recipe().image().env().get("A")).toList());
    assertEquals(
        List.of("--set tx: the recipe has no variable `tx`; did you mean `tz`?"),
        mistakes(yaml, Map.of("tx", "CET")).stream().toList());
  }

  @Test
  void aMatrixMakesPlatformsToo() {
    List<RecipeVariants.Variant> all =
        VariantsText.found(
            VariantsText.read(
                FILE, "matrix: {arch: [amd64, arm64]}\nplatforms: [\"linux/${arch}\"]", Map.of()));
    assertEquals("[linux/arm64]", all.get(1).recipe().platforms().toString());
  }

  @Test
  void aMatrixIsNotInherited() {
    Map<String, String> bases = Map.of("b.yaml", "matrix: {a: [1, 2]}\npackages: [\"p${a}\"]");
    assertEquals(
        List.of("p3"),
        VariantsText.one("extends: b.yaml\nvariables: {a: 3}", bases).debian().packages().stream()
            .map(PackageRequest::toString)
            .toList());
    List<RecipeVariants.Variant> ours =
        VariantsText.found(
            VariantsText.read(FILE, "extends: b.yaml\nmatrix: {a: [4, 5, 6]}", bases));
    assertEquals(3, ours.size());
  }

  @Test
  void whatIsWrongWithAMatrixIsToldWithTheRest() {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("matrix: [a]", ":1:9: `matrix` is a mapping of variables"),
            Map.entry("matrix: {}", ":1:9: `matrix`: it names at least one variable"),
            Map.entry("matrix: {exclude: []}", ":1:9: `matrix`: it names at least one variable"),
            Map.entry("matrix: {a: []}", ":1:13: `matrix`: `a` needs a list"),
            Map.entry("matrix: {a: [x, x]}", ":1:17: `matrix`: `x` is here twice"),
            Map.entry("matrix: {a: [x/y]}", ":1:14: `a`: `x/y` is no value of a matrix"),
            Map.entry("matrix: {a: [\"${b}\"]}", ":1:14: `a`: `${b}` is no value"),
            Map.entry("matrix: {9a: [x]}", ":1:10: `matrix`: `9a` is no name of a variable"),
            Map.entry("matrix: {a: [x], exclude: [{b: x}]}", ":1:29: `matrix`: `b` is none"),
            Map.entry("matrix: {a: [x], exclude: [{a: y}]}", ":1:32: `matrix`: `exclude` names"),
            Map.entry("matrix: {a: [x], exclude: [x]}", ":1:28: `matrix`: an entry of `exclude`"),
            Map.entry(
                "matrix: {a: [x], exclude: [{a: x}]}", ":1:9: `matrix`: `exclude` leaves no"));
    wrong.forEach(
        (yaml, begins) -> {
          List<String> mistakes = mistakes(yaml, Map.of());
          assertTrue(mistakes.get(0).startsWith(FILE + begins), mistakes::toString);
        });
    List<String> both = mistakes("matrix: {a: [x, x]}\npackages: [\"${a}\", \"${b}\"]", Map.of());
    assertEquals(2, both.stream().filter(m -> m.contains("twice") || m.contains("`b`")).count());
  }

  @Test
  void variantsOfOneNameAreRefused() {
    assertEquals(
        List.of(FILE + ": two variants of the matrix are named `a-b-c`"),
        mistakes("matrix: {x: [a, a-b], y: [b-c, c]}", Map.of()).stream().distinct().toList());
    assertTrue(mistakes("matrix: {x: [A, B]}", Map.of()).get(0).contains("`web-A` is no name"));
  }

  @Test
  void hugeProductsAreRefusedBeforeTheyAreMade() {
    String values = "[" + "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t" + "]";
    StringBuilder yaml = new StringBuilder("matrix:\n");
    for (char axis = 'a'; axis < 'i'; axis++) {
      yaml.append("  ").append(axis).append(": ").append(values).append('\n');
    }
    assertEquals(
        List.of(FILE + ":2:3: `matrix`: its values make more than 64 variants"),
        mistakes(yaml.toString(), Map.of()));
    assertEquals(
        64, names("matrix: {a: [0,1,2,3,4,5,6,7], b: [0,1,2,3,4,5,6,7]}", Map.of()).size());
    assertTrue(
        mistakes("matrix: {a: [0,1,2,3,4], b: [0,1,2,3,4,5,6,7,8,9,10,11,12]}", Map.of())
            .get(0)
            .contains("more than 64"));
  }

  @Property(tries = 100)
  void theNumberOfVariantsIsTheProduct(
      @ForAll @IntRange(min = 1, max = 4) int a,
      @ForAll @IntRange(min = 1, max = 4) int b,
      @ForAll @IntRange(min = 1, max = 4) int c) {
    String yaml =
        "matrix: {a: " + axis("x", a) + ", b: " + axis("y", b) + ", c: " + axis("z", c) + "}";
    List<String> names = names(yaml, Map.of());
    assertEquals(a * b * c, names.size());
    Set<String> distinct = new HashSet<>(names);
    assertEquals(names.size(), distinct.size());
    assertEquals(b * c, names(yaml, Map.of("a", "x0")).size());
  }

  private static String axis(String prefix, int count) {
    StringBuilder values = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      values.append(prefix).append(i).append(',');
    }
    return values.append(']').toString();
  }
}
