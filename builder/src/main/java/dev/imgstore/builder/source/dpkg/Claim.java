package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;

/**
 * One package's wish for one place in the merged tree.
 *
 * @param original the path in the package's own tree
 */
record Claim(UnpackedDeb deb, TreePath original, Node node) {
  boolean isDirectory() {
    return node instanceof Node.Directory;
  }

  String owner() {
    return Packages.infoName(deb);
  }
}
