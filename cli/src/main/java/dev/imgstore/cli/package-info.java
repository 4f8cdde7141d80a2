/**
 * The command line: one class a command, the wiring, printing and exit codes. The only room that
 * knows environment, clock, locale and standard streams.
 */
@NullMarked
package dev.imgstore.cli;

import org.jspecify.annotations.NullMarked;
