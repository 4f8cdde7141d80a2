package dev.imgstore.builder.disk.ext4;

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
 * The first walk over a tree: an inode for everything in it, numbered in the order in which they
 * are met, a directory's together. What ext4 cannot hold is refused here, by its path.
 */
final class TreeScan {
  /** More names than this are refused, so that trees that hold one another fill no memory. */
  static final int MOST_INODES = 1 << 24;

  private static final int LOST_AND_FOUND_BLOCKS = 4;
  private static final Name LOST_AND_FOUND = Name.of("lost+found");
  private static final int MOST_LINKS = 65_000;
  private static final long MOST_BYTES = ((1L << 32) - 1) * Structure.BLOCK;
  private static final int MOST_MAJOR = 1 << 12;
  private static final int MOST_MINOR = 1 << 20;

  private final BlobReader blobs;
  private final NameHash hash;
  private final List<Inode> inodes = new ArrayList<>();
  private final Map<Long, Group> groups = new HashMap<>();
  private final Map<Attributes, Attributes> attributes = new HashMap<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private Inode root;

  /** A file with several names. */
  private record Group(int number, TreePath first, Node.File file) {}

  /** A directory that is still to be read. */
  private record Pending(TreePath path, TreeId tree, int number, int parent) {}

  private TreeScan(Ext4Request request, BlobReader blobs, NameHash hash) throws Ext4Exception {
    this.blobs = blobs;
    this.hash = hash;
    this.root = directory(TreePath.ROOT, request.root(), request.tree());
  }

  /** Reads all directories of a tree, and no file. */
  static Contents read(Ext4Request request, BlobReader blobs, NameHash hash) throws IOException {
    TreeScan scan = new TreeScan(request, blobs, hash);
    scan.pending.push(
        new Pending(TreePath.ROOT, request.tree(), Layout.ROOT_INODE, Layout.ROOT_INODE));
    while (!scan.pending.isEmpty()) {
      scan.expand(scan.pending.pop());
    }
    Map<Long, Integer> numbers = new HashMap<>();
    scan.groups.forEach((group, each) -> numbers.put(group, each.number()));
    return new Contents(scan.root, scan.inodes, numbers);
  }

  private void expand(Pending directory) throws IOException {
    TreePath path = directory.path();
    if (path.names().size() > Trees.MAX_DEPTH) {
      throw new Ext4Exception(path, "it is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
    Inode self =
        directory.number() == Layout.ROOT_INODE
            ? root
            : inodes.get(directory.number() - Layout.FIRST_INODE);
    self.body = new Inode.Body.Entries(directory.tree(), directory.parent(), next());
    Tree tree = Trees.read(blobs, directory.tree());
    List<DirectoryBlocks.Entry> names = new ArrayList<>();
    List<Pending> below = new ArrayList<>();
    if (path.isRoot()) {
      addLostAndFound(tree, names);
    }
    for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
      names.add(new DirectoryBlocks.Entry(entry.getKey().bytes(), 0, 0));
      add(path, entry.getKey(), entry.getValue(), directory.number(), below);
    }
    int subdirectories =
        below.size() + (path.isRoot() && !tree.entries().containsKey(LOST_AND_FOUND) ? 1 : 0);
    self.links = 2 + subdirectories > MOST_LINKS ? 1 : 2 + subdirectories;
    DirectoryBlocks blocks = DirectoryBlocks.of(names, hash);
    if (blocks.isTooLarge()) {
      throw new Ext4Exception(
          path,
          "a directory has at most " + DirectoryBlocks.MOST_LEAVES + " blocks of names; split it");
    }
    self.size = (long) blocks.count() * Structure.BLOCK;
    Collections.reverse(below);
    below.forEach(pending::push);
  }

  private int next() {
    return Layout.FIRST_INODE + inodes.size();
  }

  /**
   * A check needs it, and cannot make it when the file system is full. A tree's own is taken as it
   * is.
   */
  private void addLostAndFound(Tree tree, List<DirectoryBlocks.Entry> names) throws Ext4Exception {
    Node own = tree.entries().get(LOST_AND_FOUND);
    if (own == null) {
      Inode inode =
          new Inode(
              Inode.DIRECTORY, Meta.of(0700, 0, 0), Attributes.NONE, new Inode.Body.LostAndFound());
      inode.links = 2;
      inode.size = (long) LOST_AND_FOUND_BLOCKS * Structure.BLOCK;
      inodes.add(inode);
      names.add(new DirectoryBlocks.Entry(LOST_AND_FOUND.bytes(), 0, 0));
    } else if (!(own instanceof Node.Directory)) {
      throw new Ext4Exception(
          TreePath.ROOT.child(LOST_AND_FOUND), "in ext4 this name is a directory; rename the file");
    }
  }

  private void add(TreePath parent, Name name, Node node, int directory, List<Pending> below)
      throws IOException {
    if (node instanceof Node.File file && file.linkGroup() != 0 && isKnown(parent, name, file)) {
      return;
    }
    TreePath path = parent.child(name);
    if (inodes.size() == MOST_INODES) {
      throw new Ext4Exception(path, "there are more than " + MOST_INODES + " files before it");
    }
    if (node instanceof Node.Directory sub) {
      below.add(new Pending(path, sub.tree(), next(), directory));
    }
    inodes.add(inode(path, node));
  }

  /** True for another name of an inode that is there; a first name is remembered. */
  private boolean isKnown(TreePath parent, Name name, Node.File file) throws Ext4Exception {
    Group group = groups.get(file.linkGroup());
    if (group == null) {
      groups.put(file.linkGroup(), new Group(next(), parent.child(name), file));
      return false;
    }
    if (!group.file().equals(file)) {
      throw new Ext4Exception(
          parent.child(name),
          "it is a hard link to "
              + group.first()
              + " but differs from it in content, mode or owner");
    }
    Inode inode = inodes.get(group.number() - Layout.FIRST_INODE);
    inode.links++;
    if (inode.links > MOST_LINKS) {
      throw new Ext4Exception(
          parent.child(name),
          "ext4 takes "
              + MOST_LINKS
              + " names of one file, and "
              + group.first()
              + " has more; copy it");
    }
    return true;
  }

  private Inode inode(TreePath path, Node node) throws Ext4Exception {
    Meta meta = node.meta();
    if (node instanceof Node.Directory directory) {
      return directory(path, meta, directory.tree());
    } else if (node instanceof Node.File file) {
      if (file.size() > MOST_BYTES) {
        throw new Ext4Exception(
            path, "it has " + file.size() + " bytes and a file there has at most " + MOST_BYTES);
      }
      Inode inode =
          new Inode(
              Inode.FILE, meta, attributes(path, meta), new Inode.Body.Content(file.content()));
      inode.size = file.size();
      return inode;
    } else if (node instanceof Node.Symlink link) {
      Inode inode =
          new Inode(
              Inode.SYMLINK, meta, attributes(path, meta), new Inode.Body.Target(link.target()));
      inode.size = link.target().length();
      return inode;
    } else if (node instanceof Node.Device device) {
      if (device.major() >= MOST_MAJOR || device.minor() >= MOST_MINOR) {
        throw new Ext4Exception(
            path, "Linux has no device " + device.major() + ":" + device.minor());
      }
      int type = device.block() ? Inode.BLOCK_DEVICE : Inode.CHARACTER_DEVICE;
      return new Inode(
          type,
          meta,
          attributes(path, meta),
          new Inode.Body.Numbers(device.major(), device.minor()));
    } else if (node instanceof Node.Fifo) {
      return new Inode(Inode.FIFO, meta, attributes(path, meta), new Inode.Body.Nothing());
    }
    throw new AssertionError(node);
  }

  private Inode directory(TreePath path, Meta meta, TreeId tree) throws Ext4Exception {
    return new Inode(
        Inode.DIRECTORY, meta, attributes(path, meta), new Inode.Body.Entries(tree, 0, 0));
  }

  /** Equal ones are one object. */
  private Attributes attributes(TreePath path, Meta meta) throws Ext4Exception {
    if (meta.xattrs().isEmpty()) {
      return Attributes.NONE;
    }
    try {
      Attributes own = Attributes.of(meta.xattrs());
      return attributes.computeIfAbsent(own, same -> own);
    } catch (IllegalArgumentException e) {
      throw new Ext4Exception(path, String.valueOf(e.getMessage()));
    }
  }
}
