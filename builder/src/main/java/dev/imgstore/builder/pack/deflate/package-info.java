/**
 * The one DEFLATE encoder (RFC 1951) from which every deflate stream we write comes, with the gzip
 * and zlib wrappers around it. Its bytes are a promise of the format: the same input gives the same
 * output on every JDK, platform and number of threads, for ever, which the JDK's own deflater does
 * not promise. Hence only integer arithmetic lives here. Decoding is the JDK's work, and no file is
 * opened here.
 */
@NullMarked
package dev.imgstore.builder.pack.deflate;

import org.jspecify.annotations.NullMarked;
