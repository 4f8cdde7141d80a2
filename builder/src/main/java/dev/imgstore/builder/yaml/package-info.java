/**
 * What the readers of YAML share: a way to hand a text to the library so that none of its blocks
 * ends within a character.
 */
@NullMarked
package dev.imgstore.builder.yaml;

import org.jspecify.annotations.NullMarked;
