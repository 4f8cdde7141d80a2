package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.Due;
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
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * The first walk over a tree: an inode for everything in it, numbered in the order in which they
 * are met, a directory's together. What ext4 cannot hold is refused here, by its path.
 */
final class TreeScan {
  /** More names than this are refused, so that trees that hold one another fill no memory. */
  static final int MOST_INODES = 1 << 24;

  /** Directories that are read before they are due. */
  private static final int AHEAD = 8;

  /** Bytes of one that may be. */
  private static final int SMALL = 64 << 10;

  private static final int LOST_AND_FOUND_BLOCKS = 4;
  private static final Name LOST_AND_FOUND = Name.of("lost+found");
  private static final int MOST_LINKS = 65_000;
  private static final long MOST_BYTES = ((1L << 32) - 1) * Structure.BLOCK;
  private static final int MOST_MAJOR = 1 << 12;
  private static final int MOST_MINOR = 1 << 20;

  private final BlobReader blobs;
  private final Executor pool;
  private final NameHash hash;
  private final int most;
  private final List<Inode> inodes = new ArrayList<>();
  private final Map<Long, Group> groups = new HashMap<>();
  private final Map<Attributes, Attributes> attributes = new HashMap<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final Set<Integer> offered = new HashSet<>();
  private final KeptNames kept = new KeptNames();
  private final Inode root;
  private volatile boolean stopped;

  /** A file with several names. */
  private record Group(int number, TreePath first, Node.File file) {}

  /** A directory that is still to be read. */
  private record Pending(
      TreePath path, TreeId tree, int number, int parent, FutureTask<Tree> reading) {}

  private TreeScan(Ext4Request request, BlobReader blobs, Executor pool, NameHash hash, int most)
      throws Ext4Exception {
    this.blobs = blobs;
    this.pool = pool;
    this.hash = hash;
    this.most = most;
    this.root = directory(TreePath.ROOT, request.root(), request.tree());
  }

  /**
   * Reads all directories of a tree, and no file.
   *
   * @param most files and directories of one tree; {@link #MOST_INODES} but in tests
   */
  static Contents read(
      Ext4Request request, BlobReader blobs, Executor pool, NameHash hash, int most)
      throws IOException {
    TreeScan scan = new TreeScan(request, blobs, pool, hash, most);
    scan.pending.push(
        scan.pending(TreePath.ROOT, request.tree(), Layout.ROOT_INODE, Layout.ROOT_INODE));
    try {
      while (!scan.pending.isEmpty()) {
        scan.expand(scan.pending.pop());
      }
    } finally {
      scan.stop();
    }
    Map<Long, Integer> numbers = new HashMap<>();
    scan.groups.forEach((group, each) -> numbers.put(group, each.number()));
    return new Contents(scan.root, scan.inodes, numbers);
  }

  private Pending pending(TreePath path, TreeId tree, int number, int parent) {
    return new Pending(path, tree, number, parent, new FutureTask<>(() -> read(tree)));
  }

  private Tree read(TreeId tree) throws IOException {
    if (stopped) {
      throw new InterruptedIOException("the file system is not wanted any more");
    }
    return Trees.read(blobs, tree);
  }

  /** The pool decodes the directories that come next, unless they are large. */
  private void readAhead() throws IOException {
    Iterator<Pending> next = pending.iterator();
    for (int i = 0; i < AHEAD && next.hasNext(); i++) {
      Pending each = next.next();
      if (!offered.contains(each.number()) && blobs.size(each.tree().digest()) <= SMALL) {
        offered.add(each.number());
        Due.offer(each.reading(), pool);
      }
    }
  }

  private void stop() {
    stopped = true;
    Due.settle(
        pending.stream()
            .filter(each -> offered.contains(each.number()))
            .map(Pending::reading)
            .toList());
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
    int first = next();
    Tree tree = Due.result(directory.reading());
    offered.remove(directory.number());
    List<DirectoryBlocks.Entry> names = new ArrayList<>();
    List<Pending> below = new ArrayList<>();
    if (path.isRoot()) {
      addLostAndFound(tree, names);
    }
    for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
      Node node = entry.getValue();
      int number = add(path, entry.getKey(), node, directory.number(), below);
      names.add(new DirectoryBlocks.Entry(entry.getKey().bytes(), number, Inode.entryType(node)));
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
    self.body =
        new Inode.Body.Entries(directory.tree(), directory.parent(), first, kept.keep(names));
    Collections.reverse(below);
    below.forEach(pending::push);
    readAhead();
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
      names.add(new DirectoryBlocks.Entry(LOST_AND_FOUND.bytes(), Layout.FIRST_INODE, 2));
    } else if (!(own instanceof Node.Directory)) {
      throw new Ext4Exception(
          TreePath.ROOT.child(LOST_AND_FOUND), "in ext4 this name is a directory; rename the file");
    }
  }

  /** The number of the entry's inode, which is new unless it is one more name of a file. */
  private int add(TreePath parent, Name name, Node node, int directory, List<Pending> below)
      throws IOException {
    int number = next();
    if (node instanceof Node.File file && file.linkGroup() != 0) {
      Group group = group(parent, name, file);
      if (group.number() != number) {
        addName(parent, name, group);
        return group.number();
      }
    }
    TreePath path = parent.child(name);
    if (inodes.size() >= most) {
      throw new Ext4Exception(
          path,
          "there are "
              + most
              + " files and directories before it, and more are not put into one; leave some out");
    }
    if (node instanceof Node.Directory sub) {
      below.add(pending(path, sub.tree(), number, directory));
    }
    inodes.add(inode(path, node));
    return number;
  }

  /** The file this is a name of; a first name makes it. */
  private Group group(TreePath parent, Name name, Node.File file) throws Ext4Exception {
    Group group = groups.get(file.linkGroup());
    if (group == null) {
      group = new Group(next(), parent.child(name), file);
      groups.put(file.linkGroup(), group);
    } else if (!group.file().equals(file)) {
      throw new Ext4Exception(
          parent.child(name),
          "it is a hard link to "
              + group.first()
              + " but differs from it in content, mode or owner");
    }
    return group;
  }

  private void addName(TreePath parent, Name name, Group group) throws Ext4Exception {
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
  }

  private Inode inode(TreePath path, Node node) throws Ext4Exception {
    Meta meta = node.meta();
    if (node instanceof Node.Directory directory) {
      return directory(path, meta, directory.tree());
    } else if (node instanceof Node.File file) {
      if (file.size() > MOST_BYTES) {
        throw new Ext4Exception(
            path,
            "it has "
                + file.size()
                + " bytes, and a file there has at most "
                + MOST_BYTES
                + "; cut it, or leave it out");
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
        Inode.DIRECTORY,
        meta,
        attributes(path, meta),
        new Inode.Body.Entries(tree, 0, 0, Bytes.EMPTY));
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
