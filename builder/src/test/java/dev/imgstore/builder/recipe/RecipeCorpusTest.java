package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.imgstore.builder.Golden;
import dev.imgstore.model.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recipes under {@code src/test/resources/recipes}: what the reader and the schema say of each. */
class RecipeCorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/recipes");

  static Stream<Path> good() throws IOException {
    return recipes("good");
  }

  static Stream<Path> bad() throws IOException {
    return recipes("bad");
  }

  private static Stream<Path> recipes(String folder) throws IOException {
    try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
      List<Path> recipes = files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
      assertTrue(recipes.size() > 5, "the corpus is there");
      return recipes.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void goodRecipesAreReadAndFitTheSchema(Path file) throws IOException {
    byte[] yaml = Files.readAllBytes(file);
    assertEquals(
        List.of(), SchemaVerdict.of(new String(yaml, StandardCharsets.UTF_8)), "the schema");
    Golden.check(beside(file, ".json"), RecipeDigest.canonical(read(file, yaml)) + "\n");
  }

  @ParameterizedTest
  @MethodSource("good")
  void canonicalFormsAreRecipesToo(Path file) throws IOException {
    Recipe recipe = read(file, Files.readAllBytes(file));
    String canonical = RecipeDigest.canonical(recipe);
    assertEquals(recipe, read(file, canonical.getBytes(StandardCharsets.UTF_8)));
    assertEquals(List.of(), SchemaVerdict.of(canonical), "the schema");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void badRecipesAreToldWithEveryPlace(Path file) throws IOException {
    byte[] yaml = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    List<Problem> problems =
        RecipeReader.read(name, yaml, new TreeMap<>())
            .match(read -> List.of(), RecipeReader.Mistakes::problems);
    assertFalse(problems.isEmpty(), "accepted");
    String source = new String(yaml, StandardCharsets.UTF_8);
    Golden.check(beside(file, ".txt"), Carets.render(problems, source) + "\n");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void theSchemaRefusesWhatOneValueShows(Path file) throws IOException {
    String source = Files.readString(file, StandardCharsets.ISO_8859_1);
    if (source.startsWith("# schema: unreadable")) {
      return;
    }
    boolean passes = source.startsWith("# schema: passes");
    String text = Files.readString(file);
    assertEquals(passes, SchemaVerdict.of(text).isEmpty(), "the schema's verdict");
  }

  @Test
  void recipesLargerThanOneMebibyteAreRefused() {
    byte[] large = new byte[YamlText.LARGEST + 1];
    List<Problem> problems =
        RecipeReader.read("large.yaml", large, new TreeMap<>())
            .match(read -> List.of(), RecipeReader.Mistakes::problems);
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).text().contains("at most 1 MiB"), problems.get(0).text());
  }

  static Recipe read(Path file, byte[] yaml) {
    return RecipeReader.read(file.getFileName().toString(), yaml, new TreeMap<>())
        .match(
            RecipeReader.Read::recipe,
            mistakes ->
                fail(Carets.render(mistakes.problems(), new String(yaml, StandardCharsets.UTF_8))));
  }

  private static Path beside(Path file, String ending) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - ".yaml".length()) + ending);
  }
}
