/**
 * What actions gave, on a registry for other machines: signed statements of results, and packs of
 * what they reach. Which results there are, and what a build does with them, is not known here.
 */
@NullMarked
package dev.imgstore.sync.cache;

import org.jspecify.annotations.NullMarked;
