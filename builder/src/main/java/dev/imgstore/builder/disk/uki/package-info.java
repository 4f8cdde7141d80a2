/**
 * The unified kernel image: systemd's stub with kernel, initial file system and command line as
 * sections of one PE file (UAPI.5, systemd-stub(7)), which UEFI starts. Everything is handed in;
 * signing is later work.
 */
@NullMarked
package dev.imgstore.builder.disk.uki;

import org.jspecify.annotations.NullMarked;
