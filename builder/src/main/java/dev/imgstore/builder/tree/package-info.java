/**
 * Trees being changed: the mutable form that merging, files of a recipe, users and handlers work
 * on, between the immutable trees of the store. Nothing here knows what the files mean.
 */
@NullMarked
package dev.imgstore.builder.tree;

import org.jspecify.annotations.NullMarked;
