package dev.imgstore.builder.realise;

import dev.imgstore.model.Name;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.Optional;

/**
 * The files beside a recipe, by relative path; {@code cli} plugs in the real directory. Links are
 * kept, never followed, so that nothing outside can be reached.
 */
public interface LocalFiles {
  /**
   * Takes what stands at a path into the store: contents, links, and whether the owner may execute
   * a file; times, owners and the rest of the mode on this machine do not matter.
   *
   * @param path relative to the recipe, without {@code ..}
   * @param entry the one name in the tree that is made
   * @return the tree; empty if there is no file, directory or link
   */
  Optional<TreeId> take(String path, Name entry, BlobStore blobs) throws IOException;
}
