package dev.imgstore.builder.source.oci;

import dev.imgstore.builder.tar.HeldNames;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Layers upon each other as one tree (OCI image-spec 1.1, layer.md): entries replace what is below,
 * whiteouts remove it. Links on the way to an entry are followed inside the tree and nowhere else.
 * Whiteouts speak of lower layers only, wherever they stand: so all of a layer's come first.
 */
final class Layers {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final String archive;
  private final TreeEditor tree;
  private final HeldNames held;
  private int layer;
  private int entries;

  Layers(String archive, BlobStore blobs) {
    this.archive = archive;
    this.tree = TreeEditor.empty(blobs);
    this.held = new HeldNames(archive);
  }

  /** Something with the tree. */
  private interface Change {
    void make() throws IOException;
  }

  private static void guarded(String name, TarEntry entry, Change change) throws IOException {
    try {
      change.make();
    } catch (TreeFault | IllegalArgumentException e) {
      throw new HostileArchive(name, entry.path().text(), String.valueOf(e.getMessage()));
    }
  }

  /** The next layer, for people. */
  String name() {
    return archive + ", layer " + (layer + 1);
  }

  /**
   * Puts a layer on top.
   *
   * @param tar what its tar must be
   */
  void add(LayerReader.Contents contents, Digest tar) throws IOException {
    String name = name();
    layer++;
    if (!contents.tar().equals(tar)) {
      throw new IOException(name + " is not the tar " + tar + " that its config names");
    }
    entries += contents.entries().size();
    if (entries > UnpackLimits.MOST_ENTRIES) {
      throw new HostileArchive(name, "", "the image has too many entries");
    }
    for (LayerReader.Taken each : contents.entries()) {
      guarded(name, each.entry(), () -> remove(name, each.entry()));
    }
    Set<TreePath> seen = new HashSet<>();
    for (LayerReader.Taken each : contents.entries()) {
      guarded(name, each.entry(), () -> put(name, each, seen));
    }
  }

  TreeId write() throws IOException {
    return tree.write();
  }

  private TreePath path(String name, TarEntry entry, Bytes path) throws HostileArchive {
    if (path.length() == 0 || path.at(0) == '/') {
      throw new HostileArchive(name, entry.path().text(), "the name " + path + " is absolute");
    }
    held.checkDepth(entry, path);
    return TreePath.parse(path);
  }

  private void remove(String name, TarEntry entry) throws IOException {
    TreePath path = path(name, entry, entry.path());
    String last = path.last().map(each -> each.bytes().text()).orElse("");
    if (!last.startsWith(WHITEOUT)) {
      return;
    }
    TreePath directory = tree.resolve(path.parent());
    if (!tree.isDirectory(directory)) {
      return;
    }
    if (last.equals(OPAQUE)) {
      for (Name each : Set.copyOf(tree.list(directory))) {
        tree.remove(directory.child(each));
      }
      return;
    }
    byte[] raw = path.last().orElseThrow().bytes().toArray();
    int length = raw.length - WHITEOUT.length();
    if (length > 0) {
      tree.remove(directory.child(new Name(Bytes.of(raw, WHITEOUT.length(), length))));
    }
  }

  private void put(String name, LayerReader.Taken taken, Set<TreePath> seen) throws IOException {
    TarEntry entry = taken.entry();
    TreePath told = path(name, entry, entry.path());
    if (told.isRoot() || told.last().orElseThrow().bytes().text().startsWith(WHITEOUT)) {
      return;
    }
    TreePath path = tree.resolveParent(told);
    held.add(entry, 0);
    boolean directory = entry.kind() == TarEntry.Kind.DIRECTORY;
    if (!seen.add(path) && !(directory && tree.isDirectory(path))) {
      throw new HostileArchive(name, entry.path().text(), "the name is there twice");
    }
    if (directory) {
      if (!tree.isDirectory(path)) {
        tree.remove(path);
      }
      tree.putDirectory(path, entry.meta());
      return;
    }
    Node node = node(name, taken);
    tree.remove(path);
    tree.put(path, node);
  }

  private Node node(String name, LayerReader.Taken taken) throws IOException {
    TarEntry entry = taken.entry();
    return switch (entry.kind()) {
      case FILE -> new Node.File(taken.content(), entry.size(), entry.meta());
      case SYMLINK -> new Node.Symlink(entry.target(), entry.meta());
      case FIFO -> new Node.Fifo(entry.meta());
      case HARD_LINK -> linked(name, entry);
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          new Node.Device(
              entry.major(),
              entry.minor(),
              entry.kind() == TarEntry.Kind.BLOCK_DEVICE,
              entry.meta());
      case DIRECTORY -> throw new AssertionError("a directory is no leaf");
    };
  }

  /** The file's other name; both get a number that no other layer gives. */
  private Node linked(String name, TarEntry entry) throws IOException {
    TreePath target = tree.resolveParent(path(name, entry, entry.target()));
    Node there =
        tree.leaf(target)
            .orElseThrow(
                () ->
                    new HostileArchive(
                        name,
                        entry.path().text(),
                        "it is a hard link to " + target + ", which is no file before"));
    if (!(there instanceof Node.File file)) {
      return there;
    }
    if (file.linkGroup() != 0) {
      return file;
    }
    long group = LinkGroups.of(target.child(Name.of("layer " + layer)));
    Node.File joined = new Node.File(file.content(), file.size(), group, file.meta());
    tree.put(target, joined);
    return joined;
  }
}
