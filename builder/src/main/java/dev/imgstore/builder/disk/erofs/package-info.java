/**
 * EROFS file systems made from trees: read-only, not compressed, planned whole, then written once
 * from the first block to the last, in memory that does not grow with the contents. The format is
 * the kernel's fs/erofs/erofs_fs.h and Documentation/filesystems/erofs.rst; what is chosen of it,
 * and why, is in {@code docs/design/19-verity.md}. No file is opened here.
 */
@NullMarked
package dev.imgstore.builder.disk.erofs;

import org.jspecify.annotations.NullMarked;
