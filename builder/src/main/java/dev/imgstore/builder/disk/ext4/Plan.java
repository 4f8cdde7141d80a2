package dev.imgstore.builder.disk.ext4;

/**
 * A file system with a place for everything.
 *
 * @param blocks what is in use
 * @param resizeBlock the block of the resize inode
 */
record Plan(
    Ext4Request request, Contents contents, Layout layout, Allocation blocks, int resizeBlock) {
  /**
   * How many blocks there are too few to have so many free; not more than 0 if there are enough.
   */
  long missing(long free) {
    long needed = layout.allOwnBlocks() + blocks.given() + free;
    boolean isShortOfInodes = contents.used() > layout.inodes();
    return Math.max(needed - layout.blocks(), isShortOfInodes ? Structure.GROUP : Long.MIN_VALUE);
  }

  long freeBlocks() {
    return layout.blocks() - layout.allOwnBlocks() - blocks.given();
  }

  long freeInodes() {
    return layout.inodes() - contents.used();
  }

  /** Inodes in use of a group: its first ones. */
  int usedInodes(int group) {
    long before = (long) group * layout.inodesPerGroup();
    return (int) Math.max(0, Math.min(layout.inodesPerGroup(), contents.used() - before));
  }

  /** What checksums of this file system's structures start from. */
  int seed() {
    return Crc32c.of(Crc32c.START, Structure.bytes(request.identity().uuid()));
  }
}
