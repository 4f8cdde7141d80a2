/**
 * Machines: the disk of an image that starts by itself. What the image has to bring for it is
 * looked up in its tree, and what is missing is told with the packages that have it; then the
 * partitions are planned and put together from the writers of the rooms beside this. Nothing is
 * written here.
 */
@NullMarked
package dev.imgstore.builder.disk.machine;

import org.jspecify.annotations.NullMarked;
