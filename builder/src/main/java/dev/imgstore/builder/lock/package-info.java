/**
 * The lock: which exact inputs a recipe meant on the day it was locked, as text and as values.
 * Resolving is in source; here is only the document.
 */
@NullMarked
package dev.imgstore.builder.lock;

import org.jspecify.annotations.NullMarked;
