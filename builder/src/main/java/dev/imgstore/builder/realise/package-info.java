/**
 * Runs a build: from a recipe and its lock, through trees and layers, to an image in the store and
 * the record of what it was made from. Fetching, unpacking, packing and sandboxing are other rooms;
 * here is their order, their action keys, and nothing that opens a file.
 */
@NullMarked
package dev.imgstore.builder.realise;

import org.jspecify.annotations.NullMarked;
