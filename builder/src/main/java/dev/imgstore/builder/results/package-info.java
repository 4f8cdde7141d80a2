/**
 * What actions gave, wherever it comes from: recorded in the store, or shared by others. Who others
 * are, and why they are believed, is not known here, nor what a result means.
 */
@NullMarked
package dev.imgstore.builder.results;

import org.jspecify.annotations.NullMarked;
