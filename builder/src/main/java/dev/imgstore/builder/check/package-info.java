/**
 * The rebuild check: what ran programs runs again, in other surroundings, and what comes of it is
 * compared with what is recorded. Here is what is varied, how trees are compared and which cause a
 * difference likely has; how something is run again is said by whoever asks.
 */
@NullMarked
package dev.imgstore.builder.check;

import org.jspecify.annotations.NullMarked;
