/**
 * The network side of a Debian archive: which mirrors the machine knows, signed releases, indexes
 * by hash, and package files. Fetching and resolving are next door.
 */
@NullMarked
package dev.imgstore.builder.source.debian.archive;

import org.jspecify.annotations.NullMarked;
