/**
 * Trying a disk: a machine in QEMU starts from it, without a network and without writing to it, and
 * its console is read until it is up. What QEMU and firmware are, and where, is found by the
 * command line; no file is opened here.
 */
@NullMarked
package dev.imgstore.builder.boot;

import org.jspecify.annotations.NullMarked;
