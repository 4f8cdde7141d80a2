package dev.imgstore.builder.disk.erofs;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The walk over a tree: an inode for everything in it, in the order in which they are met, a
 * directory's together. What EROFS cannot hold is refused here, by its path.
 */
final class TreeScan {
  /** More names than this are refused, so that trees that hold one another fill no memory. */
  static final int MOST_NAMES = 1 << 24;

  private static final int MOST_MAJOR = 1 << 12;
  private static final int MOST_MINOR = 1 << 20;

  private final BlobReader blobs;
  private final int most;
  private final List<Inode> inodes = new ArrayList<>();
  private final Map<Long, Group> groups = new HashMap<>();
  private final Map<Bytes, Bytes> attributes = new HashMap<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private int names;

  /** A file with several names. */
  private record Group(int index, TreePath first, Node.File file) {}

  /** A directory that is still to be read. */
  private record Pending(TreePath path, int index, int parent, TreeId tree) {}

  private TreeScan(BlobReader blobs, int most) {
    this.blobs = blobs;
    this.most = most;
  }

  /**
   * The inodes, the root's first; reads all directories and no file.
   *
   * @param most names that are taken
   */
  static List<Inode> read(ErofsRequest request, BlobReader blobs, int most) throws IOException {
    TreeScan scan = new TreeScan(blobs, most);
    scan.inodes.add(scan.directory(TreePath.ROOT, request.root(), request.tree(), 0));
    scan.pending.push(new Pending(TreePath.ROOT, 0, 0, request.tree()));
    while (!scan.pending.isEmpty()) {
      scan.expand(scan.pending.pop());
    }
    return scan.inodes;
  }

  private void expand(Pending directory) throws IOException {
    TreePath path = directory.path();
    if (path.names().size() > Trees.MAX_DEPTH) {
      throw new ErofsException(
          path, "it is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
    Tree tree = Trees.read(blobs, directory.tree());
    names += tree.entries().size();
    if (names > most) {
      throw new ErofsException(path, "there are more than " + most + " names up to it");
    }
    int[] children = new int[tree.entries().size()];
    List<Pending> below = new ArrayList<>();
    int at = 0;
    for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
      children[at++] = add(path, entry.getKey(), entry.getValue(), directory.index(), below);
    }
    Inode self = inodes.get(directory.index());
    self.links = 2 + below.size();
    self.size = DirectoryBlocks.size(tree.entries().keySet());
    self.body =
        new Inode.Body.Entries(directory.tree(), directory.parent(), new Inode.Children(children));
    Collections.reverse(below);
    below.forEach(pending::push);
  }

  /** The index of the entry's inode, which is new unless it is one more name of a file. */
  private int add(TreePath parent, Name name, Node node, int directory, List<Pending> below)
      throws IOException {
    int index = inodes.size();
    if (node instanceof Node.File file && file.linkGroup() != 0) {
      Group group = group(parent, name, file);
      if (group.index() != index) {
        inodes.get(group.index()).links++;
        return group.index();
      }
    }
    TreePath path = parent.child(name);
    if (node instanceof Node.Directory sub) {
      below.add(new Pending(path, index, directory, sub.tree()));
    }
    inodes.add(inode(path, node, directory));
    return index;
  }

  /** The file this is a name of; a first name makes it. */
  private Group group(TreePath parent, Name name, Node.File file) throws ErofsException {
    Group group = groups.get(file.linkGroup());
    if (group == null) {
      group = new Group(inodes.size(), parent.child(name), file);
      groups.put(file.linkGroup(), group);
    } else if (!group.file().equals(file)) {
      throw new ErofsException(
          parent.child(name),
          "it is a hard link to "
              + group.first()
              + " but differs from it in content, mode or owner");
    }
    return group;
  }

  private Inode inode(TreePath path, Node node, int parent) throws ErofsException {
    Meta meta = node.meta();
    if (node instanceof Node.Directory directory) {
      return directory(path, meta, directory.tree(), parent);
    } else if (node instanceof Node.File file) {
      Inode inode = inode(Inode.FILE, path, meta, new Inode.Body.Content(file.content()));
      inode.size = file.size();
      return inode;
    } else if (node instanceof Node.Symlink link) {
      Inode inode = inode(Inode.SYMLINK, path, meta, new Inode.Body.Target(link.target()));
      inode.size = link.target().length();
      return inode;
    } else if (node instanceof Node.Device device) {
      int type = device.block() ? Inode.BLOCK_DEVICE : Inode.CHARACTER_DEVICE;
      return inode(type, path, meta, numbers(path, device));
    } else if (node instanceof Node.Fifo) {
      return inode(Inode.FIFO, path, meta, new Inode.Body.Nothing());
    }
    throw new AssertionError(node);
  }

  /** As Linux packs the numbers of a device into 32 bits (new_encode_dev). */
  private static Inode.Body numbers(TreePath path, Node.Device device) throws ErofsException {
    if (device.major() >= MOST_MAJOR || device.minor() >= MOST_MINOR) {
      throw new ErofsException(
          path, "Linux has no device " + device.major() + ":" + device.minor());
    }
    int minor = device.minor();
    return new Inode.Body.Numbers((minor & 0xff) | device.major() << 8 | (minor & ~0xff) << 12);
  }

  private Inode directory(TreePath path, Meta meta, TreeId tree, int parent) throws ErofsException {
    Inode.Body body = new Inode.Body.Entries(tree, parent, Inode.Children.NONE);
    return inode(Inode.DIRECTORY, path, meta, body);
  }

  /** Equal attributes are one object. */
  private Inode inode(int type, TreePath path, Meta meta, Inode.Body body) throws ErofsException {
    try {
      Bytes own = Attributes.of(meta.xattrs());
      Bytes kept = own.length() == 0 ? own : attributes.computeIfAbsent(own, same -> own);
      return new Inode(type, meta, kept, body);
    } catch (IllegalArgumentException e) {
      throw new ErofsException(path, String.valueOf(e.getMessage()));
    }
  }
}
