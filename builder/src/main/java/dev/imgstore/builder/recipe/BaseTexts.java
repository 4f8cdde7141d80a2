package dev.imgstore.builder.recipe;

import dev.imgstore.model.Bytes;

/** Gives a reader the recipes that one extends, so that it opens nothing itself. */
@FunctionalInterface
public interface BaseTexts {
  /** For a recipe that extends none. */
  BaseTexts NONE = path -> new Refused("can only be read beside its file");

  /**
   * Reads a base.
   *
   * @param path from the directory of the recipe that is read, plain but for leading {@code ..}
   */
  Base read(String path);

  /** What became of it. */
  sealed interface Base {}

  /**
   * The text of a base.
   *
   * @param file its name for people; two with one name are the same
   */
  record Text(String file, Bytes text) implements Base {}

  /**
   * There is none to be read.
   *
   * @param why what follows the path in a sentence
   */
  record Refused(String why) implements Base {}
}
