package dev.imgstore.store;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Trees in and out of a blob store. */
public final class Trees {
  /** Largest encoding of one directory that is read: half a million entries and more. */
  private static final int MAX_TREE = 256 << 20;

  /** Nesting beyond this is refused; Linux paths end long before. */
  public static final int MAX_DEPTH = 2048;

  private Trees() {}

  /** Stores one directory; what its entries name is stored already. */
  public static TreeId put(BlobStore blobs, Tree tree) throws IOException {
    return new TreeId(blobs.putMetadata(TreeCodec.encode(tree)));
  }

  /**
   * Reads one directory.
   *
   * @throws StoreException.MissingBlob if it is not held
   * @throws StoreException.Corrupt if the blob is no tree
   */
  public static Tree read(BlobReader blobs, TreeId id) throws IOException {
    byte[] bytes = blobs.read(id.digest(), MAX_TREE);
    try {
      return TreeCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt("tree " + id.digest(), String.valueOf(e.getMessage()));
    }
  }

  /** Sees every node below a root. */
  public interface Visitor {
    /** One node; a directory comes before what is in it. */
    void visit(TreePath path, Node node) throws IOException;
  }

  /** Visits everything below {@code root} in order of paths, the root itself left out. */
  public static void walk(BlobReader blobs, TreeId root, Visitor visitor) throws IOException {
    walk(blobs, TreePath.ROOT, root, visitor);
  }

  private static void walk(BlobReader blobs, TreePath at, TreeId id, Visitor visitor)
      throws IOException {
    if (at.names().size() > MAX_DEPTH) {
      throw new IOException("a tree is nested deeper than " + MAX_DEPTH + " directories");
    }
    for (Map.Entry<Name, Node> entry : read(blobs, id).entries().entrySet()) {
      TreePath path = at.child(entry.getKey());
      visitor.visit(path, entry.getValue());
      if (entry.getValue() instanceof Node.Directory directory) {
        walk(blobs, path, directory.tree(), visitor);
      }
    }
  }

  /** True if {@code id} and every directory and file below it are held. */
  public static boolean isComplete(BlobReader blobs, TreeId id) throws IOException {
    return isComplete(blobs, id, 0, new HashSet<>());
  }

  /** Each directory once: equal ones below each other would else be met exponentially often. */
  private static boolean isComplete(BlobReader blobs, TreeId id, int depth, Set<TreeId> seen)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("a tree is nested deeper than " + MAX_DEPTH + " directories");
    }
    if (!seen.add(id)) {
      return true;
    }
    if (!blobs.has(id.digest())) {
      return false;
    }
    for (Node node : read(blobs, id).entries().values()) {
      boolean held =
          node instanceof Node.File file
              ? blobs.has(file.content())
              : !(node instanceof Node.Directory directory)
                  || isComplete(blobs, directory.tree(), depth + 1, seen);
      if (!held) {
        return false;
      }
    }
    return true;
  }
}
