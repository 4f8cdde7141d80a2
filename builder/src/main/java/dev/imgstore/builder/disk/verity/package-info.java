/**
 * Hash trees of dm-verity: from the bytes of a volume those of the device that proves them, and the
 * one hash that proves all (the kernel's Documentation/admin-guide/device-mapper/verity.rst; the
 * superblock as cryptsetup writes it). What is proved is other packages' work.
 */
@NullMarked
package dev.imgstore.builder.disk.verity;

import org.jspecify.annotations.NullMarked;
