package dev.imgstore.builder.disk.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What groups keep for themselves (Documentation/filesystems/ext4/group_descr.rst, bitmaps.rst):
 * copies of superblock and descriptors, bitmaps, inode tables. Groups come in order, each before
 * the data in it.
 */
final class GroupWriter {
  private static final int INODES_UNUSED = 1;
  private static final int TABLE_ZEROED = 4;
  private static final int DESCRIPTOR_CHECKSUM = 0x1E;

  private final Plan plan;
  private final Layout layout;
  private final BlockOutput out;
  private final InodeRecord records;
  private final int seed;
  private final byte[] descriptors;
  private final ByteBuffer journal;
  private int next;

  GroupWriter(Plan plan, InodeRecord records, BlockOutput out) throws IOException {
    this.plan = plan;
    this.layout = plan.layout();
    this.records = records;
    this.out = out;
    this.seed = plan.seed();
    this.journal = Structure.wrap(records.of(Layout.JOURNAL_INODE, plan.contents().journal()));
    this.descriptors = descriptors();
  }

  /** Writes groups up to the one in which this block is. */
  void before(long block) throws IOException {
    while (next < layout.groups() && Layout.start(next) <= block) {
      write(next++);
    }
  }

  /** Writes the remaining groups. */
  void finish() throws IOException {
    before(Long.MAX_VALUE);
  }

  private void write(int group) throws IOException {
    if (Layout.hasCopy(group)) {
      writeCopy(group);
    }
    if (layout.isFlexStart(group)) {
      int end = group + layout.flexGroups(group);
      for (int each = group; each < end; each++) {
        if (plan.blocks().used(each) > 0 || layout.groupBlocks(each) < Structure.GROUP) {
          block(layout.blockBitmap(each), blockBitmap(each));
        }
      }
      for (int each = group; each < end; each++) {
        if (plan.usedInodes(each) > 0) {
          block(layout.inodeBitmap(each), inodeBitmap(each));
        }
      }
      for (int each = group; each < end; each++) {
        writeTable(each);
      }
    }
  }

  private void block(long block, byte[] bytes) throws IOException {
    out.write(block * Structure.BLOCK, bytes, 0, bytes.length);
  }

  private void writeCopy(int group) throws IOException {
    long start = Layout.start(group) * Structure.BLOCK;
    byte[] copy =
        new Superblock(plan.request().identity(), layout)
            .of(group, plan.freeBlocks(), plan.freeInodes(), journal);
    out.write(group == 0 ? Superblock.SIZE : start, copy, 0, copy.length);
    out.write(start + Structure.BLOCK, descriptors, 0, descriptors.length);
    if (group == 0) {
      for (int i = 0; i < layout.reservedBlocks(); i++) {
        block(1L + layout.descriptorBlocks() + i, copiesOf(1L + layout.descriptorBlocks() + i));
      }
    }
  }

  /** A kept block of the first group names the same block of each group with a copy. */
  private byte[] copiesOf(long block) {
    ByteBuffer copies = Structure.allocate(Structure.BLOCK);
    for (int group = 1; group < layout.groups(); group++) {
      if (Layout.hasCopy(group)) {
        copies.putInt((int) (block + Layout.start(group)));
      }
    }
    return Structure.array(copies);
  }

  /** The block in which the resize inode names all kept blocks of the first group. */
  byte[] keptBlocks() {
    ByteBuffer kept = Structure.allocate(Structure.BLOCK);
    for (int i = 0; i < layout.reservedBlocks(); i++) {
      int at = (layout.descriptorBlocks() + i) % Structure.ADDRESSES;
      kept.putInt(4 * at, 1 + layout.descriptorBlocks() + i);
    }
    return Structure.array(kept);
  }

  private byte[] resizeInode() {
    int copies = 0;
    for (int group = 0; group < layout.groups(); group++) {
      copies += Layout.hasCopy(group) ? 1 : 0;
    }
    return records.resize(plan.resizeBlock(), 1L + (long) copies * layout.reservedBlocks());
  }

  private byte[] blockBitmap(int group) {
    return bitmap(plan.blocks().used(group), layout.groupBlocks(group));
  }

  private byte[] inodeBitmap(int group) {
    return bitmap(plan.usedInodes(group), layout.inodesPerGroup());
  }

  /** The first {@code used} are in use, and there are no more than {@code size}. */
  private static byte[] bitmap(int used, int size) {
    byte[] bits = new byte[Structure.BLOCK];
    fill(bits, 0, used);
    fill(bits, size, 8 * Structure.BLOCK);
    return bits;
  }

  private static void fill(byte[] bits, int from, int to) {
    int whole = Math.min(to, (from + 7) & ~7);
    for (int bit = from; bit < whole; bit++) {
      bits[bit >> 3] |= (byte) (1 << (bit & 7));
    }
    if (whole < to) {
      Arrays.fill(bits, whole >> 3, to >> 3, (byte) 0xff);
      for (int bit = Math.max(whole, to & ~7); bit < to; bit++) {
        bits[bit >> 3] |= (byte) (1 << (bit & 7));
      }
    }
  }

  private byte[] descriptors() throws IOException {
    int[] directories = new int[layout.groups()];
    plan.contents()
        .forEach(
            (number, inode) ->
                directories[(number - 1) / layout.inodesPerGroup()] += inode.isDirectory() ? 1 : 0);
    ByteBuffer all = Structure.allocate(layout.descriptorBlocks() * Structure.BLOCK);
    int empty = Crc32c.of(seed, new byte[Structure.BLOCK]);
    for (int group = 0; group < layout.groups(); group++) {
      all.position(group * Structure.DESCRIPTOR).put(descriptor(group, directories[group], empty));
    }
    return Structure.array(all);
  }

  private byte[] descriptor(int group, int directories, int empty) {
    ByteBuffer out = Structure.allocate(Structure.DESCRIPTOR);
    number(out, 0x00, 0x20, layout.blockBitmap(group));
    number(out, 0x04, 0x24, layout.inodeBitmap(group));
    number(out, 0x08, 0x28, layout.inodeTable(group));
    int used = plan.usedInodes(group);
    out.putShort(0x0C, (short) (layout.groupBlocks(group) - plan.blocks().used(group)));
    out.putShort(0x0E, (short) (layout.inodesPerGroup() - used));
    out.putShort(0x10, (short) directories);
    out.putShort(0x12, (short) (TABLE_ZEROED | (used == 0 ? INODES_UNUSED : 0)));
    boolean isEmpty =
        plan.blocks().used(group) == 0 && layout.groupBlocks(group) == Structure.GROUP;
    int blocks = isEmpty ? empty : Crc32c.of(seed, blockBitmap(group));
    int inodes =
        used == 0 ? 0 : Crc32c.of(seed, inodeBitmap(group), 0, layout.inodesPerGroup() / 8);
    out.putShort(0x18, (short) blocks).putShort(0x38, (short) (blocks >>> 16));
    out.putShort(0x1A, (short) inodes).putShort(0x3A, (short) (inodes >>> 16));
    out.putShort(0x1C, (short) (layout.inodesPerGroup() - used));
    int checksum = Crc32c.of(Crc32c.ofInt(seed, group), Structure.array(out));
    return Structure.array(out.putShort(DESCRIPTOR_CHECKSUM, (short) checksum));
  }

  private static void number(ByteBuffer out, int low, int high, long number) {
    out.putInt(low, (int) number).putInt(high, (int) (number >>> 32));
  }

  private void writeTable(int group) throws IOException {
    int used = plan.usedInodes(group);
    long at = layout.inodeTable(group) * Structure.BLOCK;
    int first = group * layout.inodesPerGroup() + 1;
    for (int i = 0; i < used; i++) {
      byte[] record = record(first + i);
      out.write(at + (long) i * Structure.INODE, record, 0, record.length);
    }
  }

  private byte[] record(int number) {
    if (number == Layout.RESIZE_INODE) {
      return resizeInode();
    } else if (number == Layout.JOURNAL_INODE) {
      return Structure.array(journal);
    } else if (number == Layout.ROOT_INODE || number >= Layout.FIRST_INODE) {
      return records.of(number, plan.contents().inode(number));
    }
    return new byte[Structure.INODE];
  }
}
