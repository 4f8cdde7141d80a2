package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a file system is about: its inodes, and the blocks of attributes they share. */
final class Contents {
  /** As many inodes as may share a block of attributes. */
  private static final int SHARERS = 1024;

  private final Inode root;
  private final List<Inode> inodes;
  private final Map<Long, Integer> groups;
  private final List<Shared> shared = new ArrayList<>();
  private final Inode journal;

  /** A block of attributes, and whose they are. */
  record Shared(Attributes attributes, List<Inode> inodes) {}

  /**
   * All there is.
   *
   * @param inodes from {@link Layout#FIRST_INODE} on
   * @param groups the inodes of files with several names
   */
  Contents(Inode root, List<Inode> inodes, Map<Long, Integer> groups) {
    this.root = root;
    this.inodes = inodes;
    this.groups = groups;
    this.journal =
        new Inode(Inode.FILE, Meta.of(0600, 0, 0), Attributes.NONE, new Inode.Body.Journal());
    share();
  }

  private void share() {
    Map<Attributes, Shared> last = new HashMap<>();
    for (Inode each : everyInode()) {
      if (each.attributes.inBlock().length() > 0) {
        Shared open = last.get(each.attributes);
        if (open == null || open.inodes().size() == SHARERS) {
          open = new Shared(each.attributes, new ArrayList<>());
          last.put(each.attributes, open);
          shared.add(open);
        }
        open.inodes().add(each);
      }
    }
  }

  private List<Inode> everyInode() {
    List<Inode> all = new ArrayList<>(inodes.size() + 1);
    all.add(root);
    all.addAll(inodes);
    return all;
  }

  /** The journal's inode. */
  Inode journal() {
    return journal;
  }

  /** The blocks of attributes, in the order they are placed. */
  List<Shared> shared() {
    return shared;
  }

  /** Inodes in use, those before {@link Layout#FIRST_INODE} among them. */
  int used() {
    return Layout.FIRST_INODE - 1 + inodes.size();
  }

  /** The inode of a number from {@link Layout#FIRST_INODE} on, or the root. */
  Inode inode(int number) {
    return number == Layout.ROOT_INODE ? root : inodes.get(number - Layout.FIRST_INODE);
  }

  /** What is done for an inode. */
  interface Each {
    void on(int number, Inode inode) throws IOException;
  }

  /** The root first, then the others in order of their numbers. */
  void forEach(Each action) throws IOException {
    action.on(Layout.ROOT_INODE, root);
    for (int i = 0; i < inodes.size(); i++) {
      action.on(Layout.FIRST_INODE + i, inodes.get(i));
    }
  }

  /**
   * Gives everything that has blocks its blocks, in the order in which {@link VolumeWriter} writes
   * them.
   */
  void place(Allocation blocks, Layout layout) throws IOException {
    journal.size = (long) layout.journalBlocks() * Structure.BLOCK;
    blocks.place(journal, layout.journalBlocks());
    for (Shared each : shared) {
      int block = blocks.one();
      each.inodes().forEach(inode -> inode.attributeBlock = block);
    }
    forEach((number, inode) -> place(inode, inode.isDirectory(), blocks));
    forEach((number, inode) -> place(inode, inode.isSlowLink(), blocks));
    forEach((number, inode) -> place(inode, inode.body instanceof Inode.Body.Content, blocks));
  }

  private static void place(Inode inode, boolean now, Allocation blocks) {
    if (now) {
      blocks.place(inode, Structure.blocks(inode.size));
    }
  }

  /** A directory's entries with their numbers, as they were kept or read again. */
  List<DirectoryBlocks.Entry> entries(int number, Inode.Body.Entries directory, BlobReader blobs)
      throws IOException {
    if (directory.names().length() > 0) {
      return KeptNames.unpack(directory.names());
    }
    List<DirectoryBlocks.Entry> entries = new ArrayList<>();
    int next = directory.firstChild();
    if (number == Layout.ROOT_INODE && inodes.get(0).body instanceof Inode.Body.LostAndFound) {
      entries.add(new DirectoryBlocks.Entry(Bytes.utf8("lost+found"), next++, 2));
    }
    for (Map.Entry<Name, Node> entry : Trees.read(blobs, directory.tree()).entries().entrySet()) {
      Node node = entry.getValue();
      boolean isLinked = node instanceof Node.File file && file.linkGroup() != 0;
      int inode = isLinked ? groups.getOrDefault(((Node.File) node).linkGroup(), 0) : next;
      next += inode == next ? 1 : 0;
      entries.add(new DirectoryBlocks.Entry(entry.getKey().bytes(), inode, Inode.entryType(node)));
    }
    return entries;
  }
}
