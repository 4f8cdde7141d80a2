/**
 * The GUID partition table (UEFI 2.10, chapter 5) around partitions that are volumes themselves,
 * with the protective MBR before it. What is in the partitions is other packages' work.
 */
@NullMarked
package dev.imgstore.builder.disk.gpt;

import org.jspecify.annotations.NullMarked;
