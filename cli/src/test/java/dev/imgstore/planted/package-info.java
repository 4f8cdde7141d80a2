/** Violations for the walls to find. */
@NullMarked
package dev.imgstore.planted;

import org.jspecify.annotations.NullMarked;
