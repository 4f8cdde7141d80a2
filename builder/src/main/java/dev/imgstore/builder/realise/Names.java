package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.model.Platform;

/** What actions are called before people, in messages and in shared caches. */
final class Names {
  private static final int MAX = 200;

  private Names() {}

  static String build(Recipe recipe) {
    return cut(recipe.name());
  }

  /**
   * All packages of a root.
   *
   * @param root of a step; empty for the image's own
   */
  static String base(Recipe recipe, Platform platform, String root) {
    String whose = root.isEmpty() ? "" : " of the root " + root;
    return cut(recipe.name() + ": packages" + whose + ", " + platform);
  }

  static String input(Recipe recipe, Platform platform, String input) {
    return cut(recipe.name() + ": input " + input + ", " + platform);
  }

  private static String cut(String name) {
    return name.length() <= MAX ? name : name.substring(0, MAX);
  }
}
