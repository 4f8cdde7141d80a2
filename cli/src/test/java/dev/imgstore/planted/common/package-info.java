/** A package with an empty name. */
@NullMarked
package dev.imgstore.planted.common;

import org.jspecify.annotations.NullMarked;
