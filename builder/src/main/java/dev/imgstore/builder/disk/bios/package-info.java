/**
 * What a BIOS starts: boot code for the first sector of a disk, and the partition in which it finds
 * Linux (Linux, Documentation/arch/x86/boot.rst). The machine code is {@code loader.S}, beside its
 * bytes among the resources; here the disk's own numbers are filled in.
 */
@NullMarked
package dev.imgstore.builder.disk.bios;

import org.jspecify.annotations.NullMarked;
