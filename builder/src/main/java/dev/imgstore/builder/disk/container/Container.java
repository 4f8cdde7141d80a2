package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import java.io.IOException;

/**
 * One kind of file that holds a disk. The bytes depend on the disk and on what the container was
 * made with, and not on threads, time or place. Memory does not grow with what the disk holds,
 * apart from tables of a few bytes for each of the container's blocks.
 */
public interface Container {
  /**
   * Writes the whole file; most of it in ascending order.
   *
   * @return the file's size in bytes, to which it is to be extended if it is shorter
   * @throws DiskException if a disk of this size does not fit into this kind of file
   */
  long write(Volume disk, ContainerSink out) throws IOException;
}
