/**
 * Files with an address of their own: how they are pinned and fetched, and what becomes of
 * archives. The network itself is behind the fetcher.
 */
@NullMarked
package dev.imgstore.builder.source.url;

import org.jspecify.annotations.NullMarked;
