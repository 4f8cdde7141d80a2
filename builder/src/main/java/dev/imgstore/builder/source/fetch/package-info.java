/**
 * Fetching files: addresses through this machine's proxies, several mirrors in turn, taken up again
 * where they broke off, and into the store. What the files are, and whether they are to be
 * believed, is said by the rooms of the universes; nothing here opens a local file but through a
 * {@code file:} mirror.
 */
@NullMarked
package dev.imgstore.builder.source.fetch;

import org.jspecify.annotations.NullMarked;
