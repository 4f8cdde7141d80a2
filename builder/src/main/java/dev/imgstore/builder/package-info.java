/**
 * The way from a recipe to an image: the rooms are recipe, source, plan, realise, sandbox and pack.
 * Nothing lives directly here.
 */
@NullMarked
package dev.imgstore.builder;

import org.jspecify.annotations.NullMarked;
