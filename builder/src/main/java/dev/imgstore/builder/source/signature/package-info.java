/**
 * Who signed something: OpenPGP keys and which of them count at a given time. What is signed, and
 * which keys are believed, is said by the rooms of the universes.
 */
@NullMarked
package dev.imgstore.builder.source.signature;

import org.jspecify.annotations.NullMarked;
