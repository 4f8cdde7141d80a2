/**
 * Disks: what a disk or a partition is to those who make one and those who put it into a file.
 * Which file systems, partition tables and containers there are lives in the packages below; no
 * file is opened here.
 */
@NullMarked
package dev.imgstore.builder.disk;

import org.jspecify.annotations.NullMarked;
