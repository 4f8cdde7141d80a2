package dev.imgstore.builder.recipe;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;

/** Recipes and their bases as texts. */
final class VariantsText {
  private VariantsText() {}

  /** By path from the recipe's directory; what is not there is refused. */
  static BaseTexts bases(Map<String, String> texts) {
    return path ->
        texts.containsKey(path)
            ? new BaseTexts.Text(path, Bytes.utf8(texts.getOrDefault(path, "")))
            : new BaseTexts.Refused("is not there");
  }

  static RecipeVariants.Result read(String file, String yaml, Map<String, String> bases) {
    return read(file, yaml, bases, Map.of());
  }

  static RecipeVariants.Result read(
      String file, String yaml, Map<String, String> bases, Map<String, String> settings) {
    return RecipeVariants.read(
        file,
        RecipeReader.defaultName(file),
        yaml.getBytes(StandardCharsets.UTF_8),
        new TreeMap<>(settings),
        bases(bases));
  }

  /** The one recipe that a text with bases is. */
  static Recipe one(String yaml, Map<String, String> bases) {
    List<RecipeVariants.Variant> all = found(read("web/recipe.yaml", yaml, bases));
    Assertions.assertEquals(1, all.size());
    return all.get(0).recipe();
  }

  static List<RecipeVariants.Variant> found(RecipeVariants.Result result) {
    if (result instanceof RecipeVariants.Found found) {
      return found.variants();
    }
    return Assertions.fail(result.toString());
  }

  static List<String> mistakes(RecipeVariants.Result result) {
    if (result instanceof RecipeVariants.Mistakes mistakes) {
      return mistakes.problems().stream().map(Problem::toString).toList();
    }
    return Assertions.fail(result.toString());
  }
}
