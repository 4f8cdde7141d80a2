package dev.imgstore.builder.disk.ext4;

import java.nio.ByteBuffer;

/**
 * Where a file's blocks are (Documentation/filesystems/ext4/ifork.rst, "Extent Tree"): up to four
 * extents in the inode, else blocks of extents, and blocks of what leads there. The blocks come
 * level by level, the extents first, as they lie on the disk.
 */
final class ExtentTree {
  /** Most blocks of one extent that are not marked as unwritten. */
  static final int LONGEST = 32768;

  private static final int MAGIC = 0xF30A;
  private static final int HEADER = 12;
  private static final int ENTRY = 12;
  private static final int IN_INODE = 4;
  private static final int IN_BLOCK = (Structure.BLOCK - HEADER - 4) / ENTRY;

  private ExtentTree() {}

  /** Blocks needed for this many extents. */
  static int blocks(int extents) {
    int blocks = 0;
    for (int level = extents; level > IN_INODE; ) {
      level = (level + IN_BLOCK - 1) / IN_BLOCK;
      blocks += level;
    }
    return blocks;
  }

  /** The part in the inode. */
  static void putRoot(ByteBuffer out, Inode inode) {
    int first = 0;
    int count = inode.extents.length / 3;
    int depth = 0;
    int[] starts = starts(inode);
    for (; count > IN_INODE; depth++) {
      int blocks = (count + IN_BLOCK - 1) / IN_BLOCK;
      first = depth == 0 ? 0 : first + count;
      starts = everyStart(starts);
      count = blocks;
    }
    header(out, count, IN_INODE, depth);
    for (int i = 0; i < count; i++) {
      if (depth == 0) {
        putExtent(out, inode.extents, i);
      } else {
        putIndex(out, starts[i], inode.extentBlocks[first + i]);
      }
    }
  }

  /** The blocks of {@link Inode#extentBlocks}, in that order; {@code seed} is the inode's. */
  static byte[][] encode(Inode inode, int seed) {
    byte[][] blocks = new byte[inode.extentBlocks.length][];
    int made = 0;
    int below = 0;
    int[] starts = starts(inode);
    for (int depth = 0; starts.length > IN_INODE; depth++) {
      int before = made;
      for (int from = 0; from < starts.length; from += IN_BLOCK) {
        int count = Math.min(IN_BLOCK, starts.length - from);
        ByteBuffer out = Structure.allocate(Structure.BLOCK);
        header(out, count, IN_BLOCK, depth);
        for (int i = from; i < from + count; i++) {
          if (depth == 0) {
            putExtent(out, inode.extents, i);
          } else {
            putIndex(out, starts[i], inode.extentBlocks[below + i]);
          }
        }
        int end = HEADER + IN_BLOCK * ENTRY;
        blocks[made++] =
            Structure.array(out.putInt(end, Crc32c.of(seed, Structure.array(out), 0, end)));
      }
      below = before;
      starts = everyStart(starts);
    }
    return blocks;
  }

  /** The first block in the file of each extent. */
  private static int[] starts(Inode inode) {
    int[] starts = new int[inode.extents.length / 3];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = inode.extents[3 * i];
    }
    return starts;
  }

  private static int[] everyStart(int[] starts) {
    int[] every = new int[(starts.length + IN_BLOCK - 1) / IN_BLOCK];
    for (int i = 0; i < every.length; i++) {
      every[i] = starts[i * IN_BLOCK];
    }
    return every;
  }

  private static void header(ByteBuffer out, int entries, int room, int depth) {
    out.putShort((short) MAGIC)
        .putShort((short) entries)
        .putShort((short) room)
        .putShort((short) depth)
        .putInt(0);
  }

  private static void putExtent(ByteBuffer out, int[] extents, int i) {
    out.putInt(extents[3 * i])
        .putShort((short) extents[3 * i + 1])
        .putShort((short) 0)
        .putInt(extents[3 * i + 2]);
  }

  private static void putIndex(ByteBuffer out, int start, int block) {
    out.putInt(start).putInt(block).putShort((short) 0).putShort((short) 0);
  }
}
