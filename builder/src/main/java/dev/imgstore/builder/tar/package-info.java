/**
 * Reading tar archives, strictly: every archive that comes from outside (packages, steps, imports)
 * is read here, and what is hostile or ambiguous is refused by name. Writing our own canonical tar
 * lives in the pack room.
 */
@NullMarked
package dev.imgstore.builder.tar;

import org.jspecify.annotations.NullMarked;
