/** A violation for the walls to find. */
@NullMarked
package dev.imgstore.store.planted;

import org.jspecify.annotations.NullMarked;
