package dev.imgstore.store.catalog;

import dev.imgstore.model.TreePath;

/**
 * Which files are asked for.
 *
 * @param path of at least one name
 * @param anywhere whether {@code path} may be the end of a longer one; if not, it begins at the
 *     root, and symbolic links in it are followed as a running system would, but for the last name
 */
public record FilePattern(TreePath path, boolean anywhere) {
  /** Refuses the root, which every tree has. */
  public FilePattern {
    if (path.isRoot()) {
      throw new IllegalArgumentException("a file has a name");
    }
  }
}
