package dev.imgstore.builder.disk.ext4;

import java.util.Arrays;

/**
 * Blocks handed out one after the other, past what groups keep for themselves. So what is in use of
 * a group is always its first blocks. Beyond the end of the file system it goes on counting, to
 * tell how much is missing.
 */
final class Allocation {
  private final Layout layout;
  private long next;
  private long given;

  Allocation(Layout layout) {
    this.layout = layout;
    this.next = layout.ownBlocks(0);
  }

  /** The blocks that were given. */
  long given() {
    return given;
  }

  /** How many of a group's blocks are in use. */
  int used(int group) {
    int size = layout.groupBlocks(group);
    long reached = next - Layout.start(group);
    return Math.max(
        Math.min(size, layout.ownBlocks(group)), (int) Math.min(size, Math.max(0, reached)));
  }

  /** One block. */
  int one() {
    skip();
    given++;
    return (int) next++;
  }

  /** Several blocks, each for itself. */
  int[] several(int count) {
    int[] blocks = new int[count];
    for (int i = 0; i < count; i++) {
      blocks[i] = one();
    }
    return blocks;
  }

  /**
   * Gives an inode its blocks, and those for the list of them.
   *
   * @param count its blocks, holes among them
   */
  void place(Inode inode, long count) {
    int[] extents = new int[3];
    int length = 0;
    long at = 0;
    for (int i = 0; i <= inode.holes.length; i += 2) {
      long end = i == inode.holes.length ? count : Integer.toUnsignedLong(inode.holes[i]);
      while (at < end) {
        skip();
        int some = (int) Math.min(Math.min(end - at, ExtentTree.LONGEST), run());
        if (length == extents.length) {
          extents = Arrays.copyOf(extents, 2 * length);
        }
        extents[length] = (int) at;
        extents[length + 1] = some;
        extents[length + 2] = (int) next;
        length += 3;
        next += some;
        given += some;
        at += some;
      }
      at = i == inode.holes.length ? end : end + Integer.toUnsignedLong(inode.holes[i + 1]);
    }
    inode.extents = Arrays.copyOf(extents, length);
    inode.extentBlocks = several(ExtentTree.blocks(length / 3));
  }

  /** Goes on to a block for data. */
  private void skip() {
    if (next % Structure.GROUP == 0 && next < layout.blocks()) {
      next += layout.ownBlocks((int) (next / Structure.GROUP));
    }
  }

  /** Blocks for data from here on without a gap. */
  private long run() {
    long end = (next / Structure.GROUP + 1) * Structure.GROUP;
    while (end < layout.blocks()
        && layout.ownBlocks((int) (end / Structure.GROUP)) == 0
        && end - next < ExtentTree.LONGEST) {
      end += Structure.GROUP;
    }
    return end - next;
  }
}
