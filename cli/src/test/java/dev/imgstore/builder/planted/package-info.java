/** A violation for the walls to find. */
@NullMarked
package dev.imgstore.builder.planted;

import org.jspecify.annotations.NullMarked;
