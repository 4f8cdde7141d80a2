/** A violation for the walls to find. */
@NullMarked
package dev.imgstore.model.planted;

import org.jspecify.annotations.NullMarked;
