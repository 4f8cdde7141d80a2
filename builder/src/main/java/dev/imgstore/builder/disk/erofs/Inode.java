package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;

/**
 * An inode while a file system is planned: what the tree says of it, and where it came to be. Kept
 * small, since there is one for each file.
 */
final class Inode {
  static final int FIFO = 0x1000;
  static final int CHARACTER_DEVICE = 0x2000;
  static final int DIRECTORY = 0x4000;
  static final int BLOCK_DEVICE = 0x6000;
  static final int FILE = 0x8000;
  static final int SYMLINK = 0xA000;

  /** What numbers of inodes count, from the beginning of the file system. */
  static final int SLOT = 32;

  private static final int COMPACT = 32;
  private static final int EXTENDED = 64;
  private static final int EXTENDED_VERSION = 1;
  private static final int INLINE_LAYOUT = 2 << 1;
  private static final int MOST_SHORT = 0xffff;
  private static final long MOST_INT = 0xffff_ffffL;

  /** What an inode is about. */
  sealed interface Body {
    /** A file's bytes. */
    record Content(Digest digest) implements Body {}

    /** A directory. */
    record Entries(TreeId tree, int parent, Children children) implements Body {}

    /** Where a link leads. */
    record Target(Bytes path) implements Body {}

    /** A device, as its two numbers are kept. */
    record Numbers(int encoded) implements Body {}

    /** A pipe. */
    record Nothing() implements Body {}
  }

  /** Indexes of what is in a directory, in the order of names. */
  static final class Children {
    /** Of a directory that is not read yet. */
    static final Children NONE = new Children(new int[0]);

    private final int[] indexes;

    Children(int[] indexes) {
      this.indexes = indexes;
    }

    int at(int i) {
      return indexes[i];
    }
  }

  final int mode;
  final int uid;
  final int gid;

  /** The attributes as they stand behind the inode; empty if it has none. */
  final Bytes attributes;

  Body body;
  int links = 1;
  long size;

  /** Its number: where it is, in slots. */
  long number;

  /** Where the blocks begin that are its own. */
  long block;

  /** True if the bytes behind its last whole block stand behind the inode. */
  boolean isInline;

  Inode(int type, Meta meta, Bytes attributes, Body body) {
    this.mode = type | meta.mode();
    this.uid = meta.uid();
    this.gid = meta.gid();
    this.attributes = attributes;
    this.body = body;
  }

  int type() {
    return mode & 0xF000;
  }

  /** Bytes of the inode and its attributes. */
  int headSize() {
    return (isExtended() ? EXTENDED : COMPACT) + attributes.length();
  }

  private boolean isExtended() {
    return uid < 0
        || uid > MOST_SHORT
        || gid < 0
        || gid > MOST_SHORT
        || links > MOST_SHORT
        || size > MOST_INT;
  }

  /** Blocks of its own. */
  long blocks() {
    return isInline ? size / Structure.BLOCK : Structure.blocks(size);
  }

  /**
   * The inode as it is stored: struct erofs_inode_compact or erofs_inode_extended, and the
   * attributes.
   *
   * @param index counts all inodes; shown where numbers of 32 bits are asked for
   * @param time of extended ones; compact ones have the superblock's
   */
  byte[] encode(int index, long time) {
    Block out = Block.little(headSize());
    int format = (isExtended() ? EXTENDED_VERSION : 0) | (isInline ? INLINE_LAYOUT : 0);
    out.u16(format).u16(attributes.length() == 0 ? 0 : Attributes.count(attributes)).u16(mode);
    long where = body instanceof Body.Numbers device ? device.encoded() & MOST_INT : block;
    if (isExtended()) {
      out.u16(0).u64(size).u32(where).u32(index).u32(uid).u32(gid);
      out.u64(time).u32(0).u32(links).at(EXTENDED);
    } else {
      out.u16(links).u32(size).u32(0).u32(where).u32(index).u16(uid).u16(gid).u32(0);
    }
    return out.bytes(attributes.toArray()).array();
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
}
