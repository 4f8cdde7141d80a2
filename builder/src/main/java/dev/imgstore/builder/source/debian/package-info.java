/**
 * The Debian package universe: versions, control files and dependency fields as values. Reading the
 * machine's apt configuration, verifying and reading an archive's indexes, and choosing packages
 * live in the packages below this one; nothing here opens a file or a socket.
 */
@NullMarked
package dev.imgstore.builder.source.debian;

import org.jspecify.annotations.NullMarked;
