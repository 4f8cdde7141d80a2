package dev.imgstore.builder.disk.ext4;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The superblock (Documentation/filesystems/ext4/super.rst) and the journal's (journal.rst). */
final class Superblock {
  /** Bytes of it. */
  static final int SIZE = 1024;

  /** Journal, attributes, blocks kept to grow, hashed directories. */
  private static final int COMPATIBLE = 0x4 | 0x8 | 0x10 | 0x20;

  /** Types in directories, extents, 64 bit, flexible groups. */
  private static final int INCOMPATIBLE = 0x2 | 0x40 | 0x80 | 0x200;

  /**
   * Copies in some groups, large files, huge files, checksums, many subdirectories, large inodes:
   * needed to write only.
   */
  private static final int TO_WRITE = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x400;

  private static final int MAGIC = 0xEF53;
  private static final int USER_ATTRIBUTES_AND_LISTS = 0xC;
  private static final int UNSIGNED_HASH = 2;
  private static final int CHECKSUM_AT = 0x3FC;

  private final Ext4Identity identity;
  private final Layout layout;

  Superblock(Ext4Identity identity, Layout layout) {
    this.identity = identity;
    this.layout = layout;
  }

  /**
   * The copy in a group.
   *
   * @param journal the inode of the journal, encoded
   */
  byte[] of(int group, long freeBlocks, long freeInodes, ByteBuffer journal) {
    ByteBuffer out = Structure.allocate(SIZE);
    counts(out, freeBlocks, freeInodes);
    times(out);
    out.putShort(0x36, (short) -1)
        .putShort(0x38, (short) MAGIC)
        .putShort(0x3A, (short) 1)
        .putShort(0x3C, (short) 1);
    out.putInt(0x4C, 1).putInt(0x54, Layout.FIRST_INODE).putShort(0x58, (short) Structure.INODE);
    out.putShort(0x5A, (short) group);
    out.putInt(0x5C, COMPATIBLE).putInt(0x60, INCOMPATIBLE).putInt(0x64, TO_WRITE);
    System.arraycopy(Structure.bytes(identity.uuid()), 0, Structure.array(out), 0x68, 16);
    byte[] label = identity.label().getBytes(StandardCharsets.UTF_8);
    System.arraycopy(label, 0, Structure.array(out), 0x78, label.length);
    out.putShort(0xCE, (short) layout.reservedBlocks());
    out.putInt(0xE0, Layout.JOURNAL_INODE);
    System.arraycopy(Structure.bytes(identity.hashSeed()), 0, Structure.array(out), 0xEC, 16);
    out.put(0xFC, (byte) NameHash.HALF_MD4)
        .put(0xFD, (byte) 1)
        .putShort(0xFE, (short) Structure.DESCRIPTOR);
    out.putInt(0x100, USER_ATTRIBUTES_AND_LISTS);
    System.arraycopy(
        Structure.array(journal),
        InodeRecord.BLOCK_FIELD_AT,
        Structure.array(out),
        0x10C,
        InodeRecord.BLOCK_FIELD);
    out.putInt(0x148, journal.getInt(0x6C)).putInt(0x14C, journal.getInt(0x04));
    out.putShort(0x15C, (short) 32).putShort(0x15E, (short) 32).putInt(0x160, UNSIGNED_HASH);
    out.put(0x174, (byte) Integer.numberOfTrailingZeros(layout.flex())).put(0x175, (byte) 1);
    return Structure.array(
        out.putInt(CHECKSUM_AT, Crc32c.of(Crc32c.START, Structure.array(out), 0, CHECKSUM_AT)));
  }

  private void counts(ByteBuffer out, long freeBlocks, long freeInodes) {
    out.putInt(0x00, (int) layout.inodes()).putInt(0x10, (int) freeInodes);
    out.putInt(0x04, (int) layout.blocks()).putInt(0x150, (int) (layout.blocks() >>> 32));
    out.putInt(0x0C, (int) freeBlocks).putInt(0x158, (int) (freeBlocks >>> 32));
    int logarithm = Integer.numberOfTrailingZeros(Structure.BLOCK) - 10;
    out.putInt(0x18, logarithm).putInt(0x1C, logarithm);
    out.putInt(0x20, Structure.GROUP)
        .putInt(0x24, Structure.GROUP)
        .putInt(0x28, layout.inodesPerGroup());
  }

  /** Written, checked and made, each at the one time; mounted never. */
  private void times(ByteBuffer out) {
    byte high = (byte) (identity.time() >>> 32);
    out.putInt(0x30, (int) identity.time()).put(0x274, high);
    out.putInt(0x40, (int) identity.time()).put(0x277, high);
    out.putInt(0x108, (int) identity.time()).put(0x276, high);
  }

  /**
   * The first block of an empty journal, big-endian, with checksums of version 3 and numbers of 64
   * bits.
   */
  static byte[] journal(int blocks, byte[] uuid) {
    ByteBuffer out = ByteBuffer.allocate(SIZE);
    out.putInt(0xC03B3998).putInt(4).putInt(0);
    out.putInt(Structure.BLOCK).putInt(blocks).putInt(1).putInt(1);
    out.putInt(0x28, 0x2 | 0x10).put(0x50, (byte) 4).putInt(0x40, 1);
    System.arraycopy(uuid, 0, Structure.array(out), 0x30, uuid.length);
    return Structure.array(out.putInt(0xFC, Crc32c.of(Crc32c.START, Structure.array(out))));
  }
}
