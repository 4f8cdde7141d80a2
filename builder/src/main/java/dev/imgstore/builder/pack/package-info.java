/**
 * From a tree to an image, byte for byte repeatable: the canonical tar, layers stitched from stored
 * frames or deflated, the split of a tree into layers, and the OCI configuration, manifest and
 * index. Nothing here opens a file, asks a clock or depends on a locale; all bytes come from and go
 * to a store. The formats are in {@code docs/design/06-image-bytes.md}.
 */
@NullMarked
package dev.imgstore.builder.pack;

import org.jspecify.annotations.NullMarked;
