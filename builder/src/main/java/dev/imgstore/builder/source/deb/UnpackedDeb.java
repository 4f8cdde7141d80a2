package dev.imgstore.builder.source.deb;

import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.Map;

/**
 * One package in the store.
 *
 * @param root a tree with the directories {@code control} and {@code files}: what an action's
 *     result names, and all that {@link #open} needs
 * @param files what the package brings, as it is in its data.tar
 * @param control its control files: {@code control}, {@code conffiles}, {@code postinst} ...
 * @param stanza the paragraph of the control file; has Package, Version and Architecture
 */
public record UnpackedDeb(TreeId root, TreeId files, TreeId control, Stanza stanza) {
  static final int LARGEST_CONTROL = 4 << 20;
  private static final Name CONTROL = Name.of("control");
  private static final Name FILES = Name.of("files");

  static UnpackedDeb of(BlobStore blobs, TreeId files, TreeId control, Stanza stanza)
      throws IOException {
    TreeId root = TreeEditor.join(blobs, Map.of(CONTROL, control, FILES, files));
    return new UnpackedDeb(root, files, control, stanza);
  }

  /**
   * Reads what an earlier unpacking stored.
   *
   * @throws IOException if {@code root} is no unpacked package, or parts are missing
   */
  public static UnpackedDeb open(BlobReader blobs, TreeId root) throws IOException {
    Tree tree = Trees.read(blobs, root);
    if (tree.entries().get(CONTROL) instanceof Node.Directory control
        && tree.entries().get(FILES) instanceof Node.Directory files
        && Trees.read(blobs, control.tree()).entries().get(CONTROL) instanceof Node.File file) {
      byte[] text = blobs.read(file.content(), LARGEST_CONTROL);
      Stanza stanza = ControlFile.readOne("control of package " + root, text);
      return new UnpackedDeb(root, files.tree(), control.tree(), stanza);
    }
    throw new IOException("the tree " + root + " is no unpacked package");
  }

  /** The package's name. */
  public String name() {
    return field("Package");
  }

  /** Its version as written. */
  public String version() {
    return field("Version");
  }

  /** Its architecture, {@code all} for packages that fit every one. */
  public String architecture() {
    return field("Architecture");
  }

  /** The value of a field, empty if there is none. */
  public String field(String name) {
    return stanza.get(name).orElse("");
  }
}
