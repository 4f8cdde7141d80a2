package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;

/**
 * An inode while a file system is planned: what the tree says of it, and where its blocks came to
 * be. Kept small, since there is one for each file.
 */
final class Inode {
  static final int FIFO = 0x1000;
  static final int CHARACTER_DEVICE = 0x2000;
  static final int DIRECTORY = 0x4000;
  static final int BLOCK_DEVICE = 0x6000;
  static final int FILE = 0x8000;
  static final int SYMLINK = 0xA000;

  private static final int[] NOTHING = {};

  /** What an inode is about. */
  sealed interface Body {
    /** A file's bytes. */
    record Content(Digest digest) implements Body {}

    /**
     * A directory's entries.
     *
     * @param parent the number of the directory it is in
     * @param firstChild the number of the first inode that has its first name here; the others
     *     follow in order of names
     * @param names of {@link KeptNames}, or empty
     */
    record Entries(TreeId tree, int parent, int firstChild, Bytes names) implements Body {}

    /** The journal. */
    record Journal() implements Body {}

    /** An empty directory of several blocks, in which a check puts what it finds. */
    record LostAndFound() implements Body {}

    /** Where a link leads. */
    record Target(Bytes path) implements Body {}

    /** A device. */
    record Numbers(int major, int minor) implements Body {}

    /** A pipe. */
    record Nothing() implements Body {}
  }

  final int mode;
  final int uid;
  final int gid;
  final Attributes attributes;
  Body body;
  int links = 1;
  long size;

  /** Pairs of numbers: the first block of a hole, and how many there are. */
  int[] holes = NOTHING;

  /** Threes of numbers: the first block in the file, how many follow, and where. */
  int[] extents = NOTHING;

  /**
   * Where the blocks are that hold the extents, if they do not fit into the inode; the leaves
   * first.
   */
  int[] extentBlocks = NOTHING;

  /** Where its block of attributes is; 0 if there is none. */
  int attributeBlock;

  Inode(int type, Meta meta, Attributes attributes, Body body) {
    this.mode = type | meta.mode();
    this.uid = meta.uid();
    this.gid = meta.gid();
    this.attributes = attributes;
    this.body = body;
  }

  int type() {
    return mode & 0xF000;
  }

  boolean isDirectory() {
    return type() == DIRECTORY;
  }

  /** True for a link whose target does not fit into the inode. */
  boolean isSlowLink() {
    return type() == SYMLINK && size >= InodeRecord.BLOCK_FIELD;
  }

  /** The type as a directory's entry says it. */
  static int entryType(Node node) {
    if (node instanceof Node.File) {
      return 1;
    } else if (node instanceof Node.Directory) {
      return 2;
    } else if (node instanceof Node.Device device) {
      return device.block() ? 4 : 3;
    } else if (node instanceof Node.Fifo) {
      return 5;
    }
    return 7;
  }

  /** Blocks that hold its bytes. */
  long dataBlocks() {
    long blocks = 0;
    for (int i = 1; i < extents.length; i += 3) {
      blocks += Integer.toUnsignedLong(extents[i]);
    }
    return blocks;
  }
}
