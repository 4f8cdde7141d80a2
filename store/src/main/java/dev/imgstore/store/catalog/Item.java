package dev.imgstore.store.catalog;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;

/**
 * What the catalog keeps of a node.
 *
 * @param size bytes of a file, else 0
 * @param content digest of a file's bytes, as {@code sha256:…}; else empty
 * @param target of a symbolic link, else empty
 */
public record Item(Kind kind, int mode, int uid, int gid, long size, String content, Bytes target) {
  /** Kinds of nodes; the names are stored. */
  public enum Kind {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIRECTORY,
    /** A symbolic link. */
    SYMLINK,
    /** A character or block device. */
    DEVICE,
    /** A named pipe. */
    FIFO
  }

  /** What is kept of this node. */
  static Item of(Node node) {
    Meta meta = node.meta();
    if (node instanceof Node.File file) {
      return of(Kind.FILE, meta, file.size(), file.content().toString(), Bytes.EMPTY);
    }
    if (node instanceof Node.Symlink link) {
      return of(Kind.SYMLINK, meta, 0, "", link.target());
    }
    Kind kind =
        node instanceof Node.Directory
            ? Kind.DIRECTORY
            : node instanceof Node.Device ? Kind.DEVICE : Kind.FIFO;
    return of(kind, meta, 0, "", Bytes.EMPTY);
  }

  private static Item of(Kind kind, Meta meta, long size, String content, Bytes target) {
    return new Item(kind, meta.mode(), meta.uid(), meta.gid(), size, content, target);
  }
}
