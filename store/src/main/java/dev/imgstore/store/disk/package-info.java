/**
 * The store on a disk: segments, journal, profiles and action records behind the rooted file seam
 * {@link dev.imgstore.store.disk.Filesystem}. The only room of this module that opens files. What
 * is promised after a crash is in {@code docs/design/03-laws.md}.
 */
@NullMarked
package dev.imgstore.store.disk;

import org.jspecify.annotations.NullMarked;
