/**
 * What someone asked for: the recipe, read strictly from YAML with the place of every mistake, and
 * its JSON Schema. Reading touches no disk.
 */
@NullMarked
package dev.imgstore.builder.recipe;

import org.jspecify.annotations.NullMarked;
