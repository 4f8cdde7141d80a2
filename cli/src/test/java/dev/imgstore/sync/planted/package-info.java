/** A violation for the walls to find. */
@NullMarked
package dev.imgstore.sync.planted;

import org.jspecify.annotations.NullMarked;
