package dev.imgstore.builder.tar;

import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.Optional;

/** A tar archive as a tree of the store, under the rules of {@link EntryTree}. */
public final class TarTree {
  private TarTree() {}

  /**
   * Reads the archive to its end and stores its files and directories. An entry for the root itself
   * only has its name read; directories that are not told are 0755 and root's. The caller closes
   * the reader.
   *
   * @throws HostileArchive if the archive is damaged, ambiguous or over a limit
   */
  public static TreeId unpack(TarReader tar, BlobStore blobs, UnpackLimits limits)
      throws IOException {
    return unpack(tar, blobs, limits, EntryTree.Shape.AS_TOLD);
  }

  /** As {@link #unpack(TarReader, BlobStore, UnpackLimits)}, in another shape. */
  public static TreeId unpack(
      TarReader tar, BlobStore blobs, UnpackLimits limits, EntryTree.Shape shape)
      throws IOException {
    EntryTree tree = new EntryTree(tar.archive(), blobs, limits, shape);
    for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
      tree.take(next.get(), tar.content());
    }
    return tree.write();
  }
}
