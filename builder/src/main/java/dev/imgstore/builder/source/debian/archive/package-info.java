/**
 * The network side of a Debian archive: which mirrors the machine knows, signed releases, indexes
 * by hash, and package files with resume. Resolving is next door; nothing here opens a local file
 * but through a {@code file:} mirror.
 */
@NullMarked
package dev.imgstore.builder.source.debian.archive;

import org.jspecify.annotations.NullMarked;
