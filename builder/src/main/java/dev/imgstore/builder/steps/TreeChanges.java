package dev.imgstore.builder.steps;

import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The first paths that differ between two trees, as far as both are held. */
final class TreeChanges {
  private static final int MOST = 10;

  private final BlobReader blobs;
  private final List<String> paths = new ArrayList<>();

  private TreeChanges(BlobReader blobs) {
    this.blobs = blobs;
  }

  static List<String> between(BlobReader blobs, TreeId before, TreeId after) throws IOException {
    TreeChanges changes = new TreeChanges(blobs);
    try {
      changes.directories(TreePath.ROOT, before, after);
    } catch (StoreException.MissingBlob e) {
      return List.of(); // what went in before was collected
    }
    return List.copyOf(changes.paths);
  }

  private void directories(TreePath at, TreeId before, TreeId after) throws IOException {
    Tree old = Trees.read(blobs, before);
    Tree young = Trees.read(blobs, after);
    TreeSet<Name> names = new TreeSet<>(old.entries().keySet());
    names.addAll(young.entries().keySet());
    for (Name name : names) {
      pair(at.child(name), old.entries().get(name), young.entries().get(name));
    }
  }

  private void pair(TreePath path, @Nullable Node was, @Nullable Node is) throws IOException {
    if (paths.size() == MOST || (was != null && was.equals(is))) {
      return;
    }
    if (was == null || is == null) {
      paths.add(path + (was == null ? " is new" : " is gone"));
    } else if (was instanceof Node.Directory before
        && is instanceof Node.Directory after
        && before.meta().equals(after.meta())) {
      directories(path, before.tree(), after.tree());
    } else {
      paths.add(path + " changed");
    }
  }
}
