/**
 * Decompressing .xz streams, as fast as the language lets us: unpacking packages is mostly this.
 * Only what Debian's packages use; everything else is left to the general library.
 */
@NullMarked
package dev.imgstore.builder.xz;

import org.jspecify.annotations.NullMarked;
