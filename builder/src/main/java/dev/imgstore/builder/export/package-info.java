/**
 * Images leave the store as files: an OCI layout directory, an OCI archive, or a docker archive.
 * Bytes are copied as they are stored; only the docker archive, which holds plain tars,
 * decompresses. This room opens the files it writes and nothing else. Registries are another
 * module's.
 */
@NullMarked
package dev.imgstore.builder.export;

import org.jspecify.annotations.NullMarked;
