package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import java.nio.ByteBuffer;

/** The 256 bytes of an inode (Documentation/filesystems/ext4/inodes.rst, ifork.rst). */
final class InodeRecord {
  /** Bytes of the field that says where the blocks are, or holds a short link's target. */
  static final int BLOCK_FIELD = 60;

  static final int BLOCK_FIELD_AT = 40;

  private static final int EXTENTS = 0x80000;
  private static final int INDEX = 0x1000;
  private static final int EXTRA_FIELDS = 32;
  private static final int SECTORS = Structure.BLOCK / 512;
  private static final int CHECKSUM_LOW = 0x7C;
  private static final int CHECKSUM_HIGH = 0x82;

  private final int seed;
  private final long time;

  /**
   * For inodes of one file system.
   *
   * @param seed the checksum of its UUID
   */
  InodeRecord(int seed, long time) {
    this.seed = seed;
    this.time = time;
  }

  /** The state from which checksums of what belongs to an inode start. Generations are zero. */
  int seed(int number) {
    return Crc32c.ofInt(Crc32c.ofInt(seed, number), 0);
  }

  /** An inode of a tree. */
  byte[] of(int number, Inode inode) {
    ByteBuffer out = common(inode.mode, inode.uid, inode.gid, inode.links, inode.size);
    long blocks =
        inode.dataBlocks() + inode.extentBlocks.length + (inode.attributeBlock == 0 ? 0 : 1);
    blocks(out, blocks);
    out.putInt(0x68, inode.attributeBlock);
    out.position(BLOCK_FIELD_AT);
    if (inode.body instanceof Inode.Body.Numbers device) {
      putDevice(out, device);
    } else if (inode.body instanceof Inode.Body.Target target && !inode.isSlowLink()) {
      out.put(target.path().toArray());
    } else if (!(inode.body instanceof Inode.Body.Nothing)) {
      out.putInt(0x20, EXTENTS | (isIndexed(inode) ? INDEX : 0));
      ExtentTree.putRoot(out, inode);
    }
    Bytes attributes = inode.attributes.inInode();
    out.position(Attributes.INODE_START).put(attributes.toArray());
    return finish(number, out);
  }

  private static boolean isIndexed(Inode inode) {
    return inode.body instanceof Inode.Body.Entries && inode.size > Structure.BLOCK;
  }

  /**
   * The inode through which the kernel finds blocks that are kept for more descriptors: one double
   * indirect block.
   */
  byte[] resize(long indirect, long blocks) {
    long size =
        (long) Structure.BLOCK
            * (12 + Structure.ADDRESSES + (long) Structure.ADDRESSES * Structure.ADDRESSES);
    ByteBuffer out = common(Inode.FILE | 0600, 0, 0, 1, size);
    blocks(out, blocks);
    return finish(Layout.RESIZE_INODE, out.putInt(BLOCK_FIELD_AT + 4 * 13, (int) indirect));
  }

  private ByteBuffer common(int mode, int uid, int gid, int links, long size) {
    ByteBuffer out = Structure.allocate(Structure.INODE);
    out.putShort(0x00, (short) mode).putShort(0x02, (short) uid).putShort(0x18, (short) gid);
    out.putShort(0x78, (short) (uid >>> 16)).putShort(0x7A, (short) (gid >>> 16));
    out.putInt(0x04, (int) size).putInt(0x6C, (int) (size >>> 32)).putShort(0x1A, (short) links);
    out.putShort(0x80, (short) EXTRA_FIELDS);
    int more =
        (int) ((time - (int) time) >>> 32); // the bits above 32, counted from a signed number
    for (int at : new int[] {0x08, 0x0C, 0x10, 0x90}) {
      out.putInt(at, (int) time);
    }
    for (int at : new int[] {0x84, 0x88, 0x8C, 0x94}) {
      out.putInt(at, more);
    }
    return out;
  }

  private static void blocks(ByteBuffer out, long blocks) {
    long sectors = blocks * SECTORS;
    out.putInt(0x1C, (int) sectors).putShort(0x74, (short) (sectors >>> 32));
  }

  /** Linux's old numbers where they fit, its new ones where they do not. */
  private static void putDevice(ByteBuffer out, Inode.Body.Numbers device) {
    int major = device.major();
    int minor = device.minor();
    if (major < 256 && minor < 256) {
      out.putInt(major << 8 | minor);
    } else {
      out.putInt(0).putInt((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
    }
  }

  private byte[] finish(int number, ByteBuffer out) {
    int checksum = Crc32c.of(seed(number), Structure.array(out));
    out.putShort(CHECKSUM_LOW, (short) checksum).putShort(CHECKSUM_HIGH, (short) (checksum >>> 16));
    return Structure.array(out);
  }
}
