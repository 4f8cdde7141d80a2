/**
 * The walls between rooms that Maven cannot hold, as rules over the compiled classes of all
 * modules, and a planted violation of each, in packages called {@code planted}.
 */
@NullMarked
package dev.imgstore.cli.walls;

import org.jspecify.annotations.NullMarked;
