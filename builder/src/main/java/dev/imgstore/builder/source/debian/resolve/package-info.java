/**
 * Choosing packages: reads archive indexes into one compact universe and resolves a request in it,
 * from nothing installed, to an exact set of packages. The choice is apt's wherever apt finds one;
 * where apt gives up, a complete search finds a set or explains why there is none. Pure but for the
 * stream an index is read from.
 */
@NullMarked
package dev.imgstore.builder.source.debian.resolve;

import org.jspecify.annotations.NullMarked;
