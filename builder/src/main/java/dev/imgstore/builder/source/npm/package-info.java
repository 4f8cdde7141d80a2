/**
 * npm packages as a package-lock.json lists them: what is pinned, how the tarballs are checked, and
 * the {@code node_modules} that is made of them. Nothing of a package is ever run.
 */
@NullMarked
package dev.imgstore.builder.source.npm;

import org.jspecify.annotations.NullMarked;
