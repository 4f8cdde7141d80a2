/**
 * What dpkg would make of several unpacked packages: one tree, and the database that tells of it.
 * Only values and trees of the store; nothing is run.
 */
@NullMarked
package dev.imgstore.builder.source.dpkg;

import org.jspecify.annotations.NullMarked;
