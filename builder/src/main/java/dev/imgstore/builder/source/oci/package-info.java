/**
 * Base images by digest: what of them is pinned, and the one tree that their layers are. Where the
 * blobs come from, a layout or a registry, is behind a port.
 */
@NullMarked
package dev.imgstore.builder.source.oci;

import org.jspecify.annotations.NullMarked;
