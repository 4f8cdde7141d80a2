package dev.imgstore.builder.disk.erofs;

import dev.imgstore.model.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives everything its place: a block for the superblock, all inodes with what is small behind
 * them, then the blocks of directories, of long link targets, and of files.
 */
final class Layout {
  /** Where inodes begin: no number is 0. */
  static final long INODES = Structure.BLOCK;

  /** An inode and what stands behind it, at most; larger ends get a block of their own. */
  private static final int MOST_INLINE = 2048;

  /** Addresses of blocks have 32 bits, and all ones means none. */
  private static final long MOST_BLOCKS = 0xffff_ffffL;

  private final List<Inode> inodes;
  private long next;

  private Layout(List<Inode> inodes) {
    this.inodes = inodes;
  }

  /** Places all of them, the root first; returns how many blocks there are. */
  static long place(List<Inode> inodes) throws ErofsException {
    Layout layout = new Layout(inodes);
    long at = INODES;
    for (Inode each : inodes) {
      at = layout.placeInode(each, at);
    }
    layout.next = Structure.blocks(at);
    layout.placeBlocks();
    if (layout.next >= MOST_BLOCKS) {
      throw new ErofsException(
          "the tree needs "
              + layout.next
              + " blocks of 4 KiB and an EROFS file system has fewer than "
              + MOST_BLOCKS
              + "; leave something out");
    }
    return layout.next;
  }

  /**
   * An inode and what stands behind it do not lie over the border of a block, which inline data may
   * not (fs/erofs/data.c); only attributes that are too large for one do. A directory's last block
   * is followed by a zero, by which a reader knows where its last name ends.
   */
  private long placeInode(Inode inode, long from) {
    int head = inode.headSize();
    int end = inlineEnd(inode);
    inode.isInline = end > 0 && head + end + 1 <= MOST_INLINE;
    int all = inode.isInline ? head + end + 1 : head;
    long at = Structure.up(from, Inode.SLOT);
    if (at / Structure.BLOCK != (at + all - 1) / Structure.BLOCK) {
      at = Structure.up(at, Structure.BLOCK);
    }
    inode.number = at / Inode.SLOT;
    return at + all;
  }

  /** Bytes that could stand behind the inode: of files only whole ones, so each is read once. */
  private static int inlineEnd(Inode inode) {
    boolean isFile = inode.body instanceof Inode.Body.Content;
    return isFile && inode.size >= Structure.BLOCK ? 0 : (int) (inode.size % Structure.BLOCK);
  }

  /** Files of equal content have the same blocks. */
  private void placeBlocks() {
    for (Inode each : inodes) {
      if (each.body instanceof Inode.Body.Entries) {
        take(each);
      }
    }
    for (Inode each : inodes) {
      if (each.body instanceof Inode.Body.Target) {
        take(each);
      }
    }
    Map<Digest, Long> contents = new HashMap<>();
    for (Inode each : inodes) {
      if (each.body instanceof Inode.Body.Content file && each.blocks() > 0) {
        Long known = contents.putIfAbsent(file.digest(), next);
        if (known == null) {
          take(each);
        } else {
          each.block = known;
        }
      }
    }
  }

  private void take(Inode inode) {
    if (inode.blocks() > 0) {
      inode.block = next;
      next += inode.blocks();
    }
  }
}
