/**
 * FAT32 with long names (Microsoft, FAT: General Overview of On-Disk Format, 1.03), as UEFI wants
 * its system partition: written once, in order, from volumes. Nothing here reads a FAT.
 */
@NullMarked
package dev.imgstore.builder.disk.fat;

import org.jspecify.annotations.NullMarked;
