/**
 * Reads zip archives from the store into trees of the store, within limits. What becomes of the
 * entries is said in {@code builder.tar}; nothing here opens a file.
 */
@NullMarked
package dev.imgstore.builder.zip;

import org.jspecify.annotations.NullMarked;
