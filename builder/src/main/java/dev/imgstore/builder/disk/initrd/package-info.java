/**
 * The initial file system: a cpio of busybox, the modules that reaching the root takes, and a
 * script that finds the root by the id of its partition. Modules say themselves what they need;
 * nothing here asks the machine it runs on.
 */
@NullMarked
package dev.imgstore.builder.disk.initrd;

import org.jspecify.annotations.NullMarked;
