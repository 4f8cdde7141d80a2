package dev.imgstore.builder.source.maven;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.InputSource.Layout;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.List;

/** Locked artifacts as a tree: a local repository for Maven, or a directory of jars. */
public final class MavenTree {
  private static final Meta FILE = Meta.of(0644, 0, 0);

  private MavenTree() {}

  /** Makes the tree of files that are in the store. */
  public static TreeId make(
      String input, InputSource.Maven source, List<Lock.Fetched> files, BlobStore blobs)
      throws IOException {
    TreeEditor tree = TreeEditor.empty(blobs);
    for (Lock.Fetched file : files) {
      String path = file.path();
      String name =
          source.layout() == Layout.FLAT ? path.substring(path.lastIndexOf('/') + 1) : path;
      TreePath at = TreePath.of(name);
      if (tree.exists(at)) {
        throw new IOException(
            "the input " + input + " has two files called " + name + "; use layout: repository");
      }
      tree.put(at, new Node.File(file.sha256(), file.size(), FILE));
    }
    return tree.write();
  }
}
