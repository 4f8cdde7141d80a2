/**
 * JSON whose bytes are the same for ever: what locks are written in and what digests of recipes are
 * taken of. Reading JSON is not here.
 */
@NullMarked
package dev.imgstore.builder.json;

import org.jspecify.annotations.NullMarked;
