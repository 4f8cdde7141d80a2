package dev.imgstore.builder.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The JSON Schema (draft 2020-12) of recipes, for editors and other tools. It accepts every recipe
 * that {@link RecipeReader} accepts and knows the same keys; what takes more than one value to see,
 * a name used twice for instance, only the reader finds.
 */
public final class RecipeSchema {
  private static final String RESOURCE = "recipe.schema.json";

  private RecipeSchema() {}

  /** The schema, with a line break at its end. */
  public static String text() {
    try (InputStream in = RecipeSchema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new AssertionError(RESOURCE + " is missing from this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE + " from this jar", e);
    }
  }
}
