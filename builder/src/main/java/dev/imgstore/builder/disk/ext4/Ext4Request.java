package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import java.util.Objects;

/**
 * The file system that is wanted.
 *
 * @param tree what is in it
 * @param root mode, owner and attributes of its root directory
 */
public record Ext4Request(TreeId tree, Meta root, Ext4Space space, Ext4Identity identity) {
  /** Refuses null. */
  public Ext4Request {
    Objects.requireNonNull(tree);
    Objects.requireNonNull(root);
    Objects.requireNonNull(space);
    Objects.requireNonNull(identity);
  }
}
