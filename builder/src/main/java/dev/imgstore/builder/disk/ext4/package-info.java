/**
 * Ext4 file systems made from trees: planned whole, then written once from the first block to the
 * last, in memory that does not grow with the contents. The format is the kernel's
 * Documentation/filesystems/ext4; what is chosen of it, and why, is in {@code
 * docs/design/15-ext4.md}. No file is opened here.
 */
@NullMarked
package dev.imgstore.builder.disk.ext4;

import org.jspecify.annotations.NullMarked;
