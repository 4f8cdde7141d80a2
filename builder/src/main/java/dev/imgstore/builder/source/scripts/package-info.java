/**
 * Maintainer scripts, run for real: unpacked packages go into a sandbox, their scripts and {@code
 * dpkg --configure} run there, and the tree that comes out loses what differs from run to run.
 */
@NullMarked
package dev.imgstore.builder.source.scripts;

import org.jspecify.annotations.NullMarked;
