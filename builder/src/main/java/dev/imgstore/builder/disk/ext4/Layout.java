package dev.imgstore.builder.disk.ext4;

/**
 * Where what every file system has is: groups of 128 MiB, sixteen (or fewer) of which have their
 * bitmaps and inode tables together at the start of the first
 * (Documentation/filesystems/ext4/blockgroup.rst, "Flexible Block Groups"); copies of superblock
 * and descriptors in groups 0, 1 and the powers of 3, 5 and 7, each with blocks kept for the
 * descriptors of a file system that grew.
 *
 * @param blocks of the file system
 * @param groups of those
 * @param inodesPerGroup a multiple of those in a block
 * @param flex groups whose bitmaps and tables are together
 * @param descriptorBlocks in use
 * @param reservedBlocks kept for descriptors beside each copy
 * @param journalBlocks of the journal
 */
record Layout(
    long blocks,
    int groups,
    int inodesPerGroup,
    int flex,
    int descriptorBlocks,
    int reservedBlocks,
    int journalBlocks) {
  static final int ROOT_INODE = 2;
  static final int RESIZE_INODE = 7;
  static final int JOURNAL_INODE = 8;

  /** The first inode that is nobody's. */
  static final int FIRST_INODE = 11;

  /** Inodes of a group: as many as one block has bits. */
  static final int MOST_INODES = 8 * Structure.BLOCK;

  /** Block numbers have 32 bits in extents of old kernels and in loaders; this is 16 TiB. */
  static final long MOST_BLOCKS = (1L << 32) - 1;

  /** One inode for so many bytes, as mke2fs has it. */
  private static final int BYTES_PER_INODE = 16384;

  private static final int FLEX = 16;
  private static final int INODES_PER_BLOCK = Structure.BLOCK / Structure.INODE;
  private static final int DESCRIPTORS_PER_BLOCK = Structure.BLOCK / Structure.DESCRIPTOR;

  /** A file system can grow this many times without moving anything, and to 64 GiB in any case. */
  private static final int GROWTH = 1024;

  private static final long GROWS_TO = (64L << 30) / Structure.BLOCK;

  /** A last group of fewer blocks beyond its own is left out, as other tools do. */
  private static final int LEAST = 50;

  /**
   * The layout of a file system of this many blocks, or, if its last group had no room for itself,
   * of a little fewer.
   */
  static Layout of(long wanted, long inodes) {
    Layout layout = exactly(wanted, inodes);
    return layout.lastFits() ? layout : exactly((layout.groups - 1L) * Structure.GROUP, inodes);
  }

  /** The fewest blocks, at least {@code wanted}, that {@link #of} takes all of. */
  static long usable(long wanted, long inodes) {
    long least =
        Math.max(
            wanted,
            (inodes + MOST_INODES - 1) / MOST_INODES * Structure.GROUP - Structure.GROUP + 1);
    Layout layout = exactly(least, inodes);
    if (layout.lastFits()) {
      return least;
    }
    long start = (layout.groups - 1L) * Structure.GROUP;
    return start + layout.ownBlocks(layout.groups - 1) + LEAST;
  }

  private static Layout exactly(long blocks, long inodes) {
    int groups = Math.toIntExact((blocks + Structure.GROUP - 1) / Structure.GROUP);
    long byRatio = blocks * Structure.BLOCK / BYTES_PER_INODE;
    long wanted = Math.max(byRatio, inodes + inodes / 8 + 64);
    long each = (wanted + groups - 1) / groups;
    int perGroup =
        (int)
            Math.min(
                MOST_INODES, (each + INODES_PER_BLOCK - 1) / INODES_PER_BLOCK * INODES_PER_BLOCK);
    int flex = FLEX;
    while (flex * (2 + perGroup / INODES_PER_BLOCK) > Structure.GROUP / 2) {
      flex /= 2;
    }
    int descriptors = (groups + DESCRIPTORS_PER_BLOCK - 1) / DESCRIPTORS_PER_BLOCK;
    long grown = Math.min(MOST_BLOCKS, Math.max(blocks * GROWTH, GROWS_TO));
    long grownGroups = (grown + Structure.GROUP - 1) / Structure.GROUP;
    long all = (grownGroups + DESCRIPTORS_PER_BLOCK - 1) / DESCRIPTORS_PER_BLOCK;
    int reserved = (int) Math.min(Structure.ADDRESSES, all - descriptors);
    return new Layout(blocks, groups, perGroup, flex, descriptors, reserved, journal(blocks));
  }

  /** As mke2fs has it, up to 256 MiB; a journal has at least 1024 blocks. */
  private static int journal(long blocks) {
    int megabytes = (int) Math.min(1 << 20, blocks >> 8);
    if (megabytes < 128) {
      return 1024;
    } else if (megabytes < 1024) {
      return 4096;
    } else if (megabytes < 2048) {
      return 8192;
    } else if (megabytes < 16384) {
      return 16384;
    }
    return megabytes < 32768 ? 32768 : 65536;
  }

  private boolean lastFits() {
    int last = groups - 1;
    return last == 0 || groupBlocks(last) >= ownBlocks(last) + LEAST;
  }

  /** True for a group that has a copy of superblock and descriptors. */
  static boolean hasCopy(int group) {
    return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
  }

  private static boolean isPower(int number, int base) {
    int rest = number;
    while (rest % base == 0) {
      rest /= base;
    }
    return rest == 1;
  }

  /** Blocks of a group. */
  int groupBlocks(int group) {
    return (int) Math.min(Structure.GROUP, blocks - start(group));
  }

  /** The first block of a group. */
  static long start(int group) {
    return (long) group * Structure.GROUP;
  }

  /** Blocks at the start of a group for the copies. */
  private int copyBlocks(int group) {
    return hasCopy(group) ? 1 + descriptorBlocks + reservedBlocks : 0;
  }

  /** True for the first of the groups whose bitmaps and tables are together. */
  boolean isFlexStart(int group) {
    return group % flex == 0;
  }

  /** How many groups have their bitmaps and tables in this one, which is the first of them. */
  int flexGroups(int group) {
    return Math.min(flex, groups - group);
  }

  /** Blocks of one group's inode table. */
  int tableBlocks() {
    return inodesPerGroup / INODES_PER_BLOCK;
  }

  /** Blocks at the start of a group that are not for data. */
  int ownBlocks(int group) {
    return copyBlocks(group) + (isFlexStart(group) ? flexGroups(group) * (2 + tableBlocks()) : 0);
  }

  private long flexStart(int group) {
    int first = group - group % flex;
    return start(first) + copyBlocks(first);
  }

  /** Where a group's block bitmap is. */
  long blockBitmap(int group) {
    return flexStart(group) + group % flex;
  }

  /** Where a group's inode bitmap is. */
  long inodeBitmap(int group) {
    return flexStart(group) + flexGroups(group - group % flex) + group % flex;
  }

  /** Where a group's inode table begins. */
  long inodeTable(int group) {
    return flexStart(group)
        + 2L * flexGroups(group - group % flex)
        + (long) (group % flex) * tableBlocks();
  }

  /** All blocks that are not for data. */
  long allOwnBlocks() {
    long all = 0;
    for (int group = 0; group < groups; group++) {
      all += ownBlocks(group);
    }
    return all;
  }

  /** All inodes. */
  long inodes() {
    return (long) inodesPerGroup * groups;
  }
}
