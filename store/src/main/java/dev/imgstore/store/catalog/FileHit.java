package dev.imgstore.store.catalog;

import dev.imgstore.model.TreePath;
import java.util.Comparator;

/**
 * Something of a tree, and where it is.
 *
 * @param path from the root, no component of it a symbolic link but perhaps the last
 */
public record FileHit(Part part, TreePath path, Item item) implements Comparable<FileHit> {
  private static final Comparator<FileHit> ORDER =
      Comparator.comparing(FileHit::part).thenComparing(FileHit::path);

  @Override
  public int compareTo(FileHit other) {
    return ORDER.compare(this, other);
  }
}
