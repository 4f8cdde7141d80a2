package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The guide says what is so. */
class RecipeGuideTest {
  private static final List<Path> GUIDES =
      List.of(
          Path.of("../docs/guide/recipes.md"),
          Path.of("../docs/guide/steps.md"),
          Path.of("../docs/guide/disks.md"));

  /** What examples extend. */
  private static final Map<String, String> BASE =
      Map.of("../base/recipe.yaml", "packages: [busybox-static]\n");

  private record Block(String kind, String text) {}

  @Test
  void everyExampleIsARecipe() throws IOException {
    List<Block> examples = blocks().stream().filter(b -> b.kind().equals("yaml")).toList();
    assertTrue(examples.size() > 8, "examples were found");
    for (Block example : examples) {
      RecipeVariants.Result read = VariantsText.read("guide/recipe.yaml", example.text(), BASE);
      assertEquals(RecipeVariants.Found.class, read.getClass(), read::toString);
      assertEquals(List.of(), SchemaVerdict.of(example.text()), example.text());
    }
  }

  @Test
  void everyKeyHasAnExample() throws IOException, Unreadable {
    Set<String> keys = new TreeSet<>();
    for (Block block : blocks()) {
      if (block.kind().equals("yaml")) {
        Complaints complaints = new Complaints("guide");
        collect(YamlComposer.compose(block.text(), complaints).orElseThrow(), keys);
      }
    }
    for (Part part : Part.values()) {
      for (String key : part.keys()) {
        assertTrue(keys.contains(key), "no example of " + part + " " + key);
      }
    }
  }

  @Test
  void theExampleOfMistakesPrintsWhatTheGuideShows() throws IOException {
    List<Block> blocks = blocks();
    int wrong = 0;
    while (!blocks.get(wrong).kind().equals("yaml wrong")) {
      wrong++;
    }
    String source = blocks.get(wrong).text();
    byte[] yaml = source.getBytes(StandardCharsets.UTF_8);
    String shown =
        RecipeReader.read("recipe.yaml", "guide", yaml, new TreeMap<>())
            .match(
                read -> fail("accepted"), mistakes -> Carets.render(mistakes.problems(), source));
    assertEquals("text", blocks.get(wrong + 1).kind());
    assertEquals(blocks.get(wrong + 1).text(), shown + "\n");
  }

  private static void collect(Yaml node, Set<String> keys) {
    if (node instanceof Yaml.Mapping mapping) {
      for (Yaml.Entry entry : mapping.entries()) {
        keys.add(entry.key().text());
        collect(entry.value(), keys);
      }
    } else if (node instanceof Yaml.Sequence sequence) {
      sequence.items().forEach(item -> collect(item, keys));
    }
  }

  private static List<Block> blocks() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path guide : GUIDES) {
      text.append(Files.readString(guide));
    }
    return Pattern.compile("^```([a-z ]+)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(match -> new Block(match.group(1), match.group(2)))
        .toList();
  }
}
