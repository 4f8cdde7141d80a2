/**
 * A small interpreter of the shell that maintainer scripts are written in. It starts no process and
 * touches no file: every command is a question to a {@link Host}, and what cannot be known is
 * carried as unknown and reported, never guessed.
 */
@NullMarked
package dev.imgstore.builder.setup.shell;

import org.jspecify.annotations.NullMarked;
