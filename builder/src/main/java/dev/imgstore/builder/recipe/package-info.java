/**
 * What someone asked for: the recipe, read strictly from YAML with the place of every mistake, and
 * its JSON Schema; and what someone set for a store, read in the same way. Reading touches no disk.
 */
@NullMarked
package dev.imgstore.builder.recipe;

import org.jspecify.annotations.NullMarked;
