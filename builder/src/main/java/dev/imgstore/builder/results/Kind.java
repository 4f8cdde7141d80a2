package dev.imgstore.builder.results;

/** The actions whose results are worth sharing; others are too many and too cheap. */
public enum Kind {
  /** A whole build: the result is a build record. */
  BUILD,
  /** All packages of a root, installed. */
  BASE,
  /** An input of a recipe, as a tree. */
  INPUT,
  /** A step that ran. */
  STEP
}
