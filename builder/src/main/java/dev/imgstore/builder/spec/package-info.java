/**
 * Deploy specs: which images a file names, where its bytes say so, and the bytes it has once they
 * say exactly which. Pure: bytes in, bytes out; which image is meant, and what is kept for it, is
 * decided by who asks. No file is opened here.
 */
@NullMarked
package dev.imgstore.builder.spec;

import org.jspecify.annotations.NullMarked;
