package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.imgstore.model.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RecipeReaderProperties {
  private static final Path FULL = Path.of("src/test/resources/recipes/good/full.yaml");

  @Property(tries = 300)
  void readingTheCanonicalFormGivesAnEqualRecipe(@ForAll("recipes") Recipe recipe) {
    String canonical = RecipeDigest.canonical(recipe);
    Recipe again =
        RecipeReader.read("x.yaml", canonical.getBytes(StandardCharsets.UTF_8), new TreeMap<>())
            .match(
                RecipeReader.Read::recipe,
                mistakes -> fail(Carets.render(mistakes.problems(), canonical)));
    assertEquals(recipe.debian(), again.debian());
    assertEquals(recipe.files(), again.files());
    assertEquals(recipe.users(), again.users());
    assertEquals(recipe.image(), again.image());
    assertEquals(recipe, again);
    assertEquals(List.of(), SchemaVerdict.of(canonical));
  }

  @Property(tries = 300)
  void anyBytesAreReadOrRefusedWithProblems(@ForAll @Size(max = 200) byte[] bytes) {
    check(bytes);
  }

  @Property(tries = 1000)
  void anyYamlLikeTextIsReadOrRefusedWithProblems(@ForAll("yamlLike") String text) {
    check(text.getBytes(StandardCharsets.UTF_8));
  }

  @Property(tries = 1000)
  void anyDamagedRecipeIsReadOrRefusedWithProblems(
      @ForAll @IntRange(max = 3000) int at,
      @ForAll @IntRange(max = 30) int removed,
      @ForAll("yamlLike") String put)
      throws IOException {
    byte[] full = Files.readAllBytes(FULL);
    int from = Math.min(at, full.length);
    int to = Math.min(from + removed, full.length);
    byte[] middle = put.substring(0, Math.min(put.length(), 6)).getBytes(StandardCharsets.UTF_8);
    byte[] damaged = Arrays.copyOf(full, from + middle.length + full.length - to);
    System.arraycopy(middle, 0, damaged, from, middle.length);
    System.arraycopy(full, to, damaged, from + middle.length, full.length - to);
    check(damaged);
  }

  /** What the reader accepts, the schema accepts too; and every complaint can be shown. */
  private static void check(byte[] yaml) {
    String source = new String(yaml, StandardCharsets.UTF_8);
    List<Problem> problems =
        RecipeReader.read("x.yaml", yaml, new TreeMap<>())
            .match(
                read -> {
                  assertEquals(List.of(), SchemaVerdict.of(source), source);
                  assertEquals(List.of(), SchemaVerdict.of(RecipeDigest.canonical(read.recipe())));
                  return List.of(new Problem("x.yaml", 0, 0, "none"));
                },
                RecipeReader.Mistakes::problems);
    assertFalse(problems.isEmpty());
    for (Problem problem : problems) {
      assertTrue(problem.line() <= source.lines().count() + 1, problem.toString());
      assertTrue(problem.text().lines().count() == 1, problem.toString());
      assertTrue(Carets.render(problem, source).startsWith("x.yaml"));
    }
  }

  @Provide
  Arbitrary<Recipe> recipes() {
    return RecipeArbitraries.recipes();
  }

  @Provide
  Arbitrary<String> yamlLike() {
    return Arbitraries.of(
            "name",
            "files",
            "image",
            "packages",
            "users",
            "variables",
            "path",
            "text",
            "env",
            ": ",
            ":",
            "- ",
            "\n",
            "\n  ",
            "\n    ",
            " ",
            "\t",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "&a ",
            "*a",
            "!x ",
            "\"",
            "'",
            "|",
            ">",
            "#",
            "?",
            "? ",
            "<<",
            "~",
            "${",
            "$$",
            "}",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "\\",
            "\\u0000",
            "\\ud800",
            "0",
            "true",
            "a",
            "é",
            "\ufeff",
            "\u0085",
            "\0")
        .list()
        .ofMaxSize(30)
        .map(pieces -> String.join("", pieces));
  }
}
