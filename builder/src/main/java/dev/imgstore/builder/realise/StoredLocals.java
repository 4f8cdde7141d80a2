package dev.imgstore.builder.realise;

import dev.imgstore.model.Name;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files that lay beside a recipe when it was built, as the store has kept them. */
public final class StoredLocals implements LocalFiles {
  private final SortedMap<String, TreeId> trees;
  private final BlobReader blobs;

  /**
   * As a build record has them.
   *
   * @param trees by the path written in the recipe
   */
  public StoredLocals(SortedMap<String, TreeId> trees, BlobReader blobs) {
    this.trees = Collections.unmodifiableSortedMap(new TreeMap<>(trees));
    this.blobs = blobs;
  }

  /** The tree that was taken then; a store that lacks part of it is not mended by it. */
  @Override
  public Optional<TreeId> take(String path, Name entry, BlobStore into) throws IOException {
    Optional<TreeId> tree = Optional.ofNullable(trees.get(path));
    if (tree.isPresent() && !Trees.isComplete(blobs, tree.get())) {
      throw new StoreException.MissingBlob(tree.get().digest());
    }
    return tree.filter(known -> entry.equals(LocalTrees.ENTRY));
  }
}
