/**
 * The other side of the network: pull, push and what is missing there. Knows the store and not the
 * builder.
 */
@NullMarked
package dev.imgstore.sync;

import org.jspecify.annotations.NullMarked;
