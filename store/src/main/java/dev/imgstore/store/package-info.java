/**
 * What a store promises: bytes by digest, frames, profiles, the journal, action records, and the
 * check of all of it. Interfaces and the logic above them; nothing here opens a file (that is
 * {@code store.disk}) or knows how an image is made.
 */
@NullMarked
package dev.imgstore.store;

import org.jspecify.annotations.NullMarked;
