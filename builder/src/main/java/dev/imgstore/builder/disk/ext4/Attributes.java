package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The extended attributes of an inode, in the two places ext4 has for them: what is left of the
 * inode, and one block, which inodes with equal ones share.
 *
 * @param inInode what follows the inode's fields; empty if nothing is there
 * @param inBlock a block without checksum and number of sharers; empty if none is needed
 */
record Attributes(Bytes inInode, Bytes inBlock) {
  /** No attributes. */
  static final Attributes NONE = new Attributes(Bytes.EMPTY, Bytes.EMPTY);

  /** Where they begin in an inode: after the first 128 bytes and the 32 more of its fields. */
  static final int INODE_START = 160;

  static final int MAGIC = 0xEA020000;

  /** Bytes of a block before its entries. */
  private static final int BLOCK_HEADER = 32;

  /** Zeros that end the entries. */
  private static final int END = 4;

  private static final int INODE_ROOM = Structure.INODE - INODE_START - 4;
  private static final int BLOCK_ROOM = Structure.BLOCK - BLOCK_HEADER;

  /**
   * Lays attributes out, as many as fit into the inode, in their order.
   *
   * @throws IllegalArgumentException if ext4 has no such attribute, or no room
   */
  static Attributes of(SortedMap<Name, Bytes> attributes) {
    if (attributes.isEmpty()) {
      return NONE;
    }
    List<Attribute> sorted = new ArrayList<>();
    for (Map.Entry<Name, Bytes> each : attributes.entrySet()) {
      try {
        sorted.add(Attribute.of(each.getKey(), each.getValue()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "its attribute " + each.getKey() + " cannot be kept: " + e.getMessage(), e);
      }
    }
    sorted.sort(null);
    List<Attribute> inInode = new ArrayList<>();
    List<Attribute> inBlock = new ArrayList<>();
    int room = INODE_ROOM - END;
    for (Attribute each : sorted) {
      int size = each.entrySize() + each.valueSize();
      (size <= room ? inInode : inBlock).add(each);
      room -= size <= room ? size : 0;
    }
    return new Attributes(inode(inInode), block(inBlock));
  }

  private static Bytes inode(List<Attribute> attributes) {
    if (attributes.isEmpty()) {
      return Bytes.EMPTY;
    }
    ByteBuffer out = Structure.allocate(4 + INODE_ROOM).putInt(MAGIC);
    put(attributes, out, 4);
    return Bytes.of(Structure.array(out));
  }

  private static Bytes block(List<Attribute> attributes) {
    if (attributes.isEmpty()) {
      return Bytes.EMPTY;
    }
    int size =
        END + attributes.stream().mapToInt(each -> each.entrySize() + each.valueSize()).sum();
    if (size > BLOCK_ROOM) {
      throw new IllegalArgumentException(
          "its attributes take "
              + size
              + " bytes and there is room for "
              + BLOCK_ROOM
              + "; remove some");
    }
    ByteBuffer out = Structure.allocate(Structure.BLOCK).putInt(0, MAGIC).putInt(8, 1);
    int hash = 0;
    for (Attribute each : attributes) {
      hash = Integer.rotateLeft(hash, 16) ^ each.hash();
    }
    put(attributes, out.putInt(12, hash).position(BLOCK_HEADER), 0);
    return Bytes.of(Structure.array(out));
  }

  /**
   * Entries from here on, values from the end backwards; where a value is, is counted from {@code
   * base}.
   */
  private static void put(List<Attribute> attributes, ByteBuffer out, int base) {
    int end = out.capacity();
    for (Attribute each : attributes) {
      end -= each.valueSize();
      out.put((byte) each.suffix().length()).put((byte) each.prefix());
      out.putShort((short) (each.value().length() == 0 ? 0 : end - base)).putInt(0);
      out.putInt(each.value().length()).putInt(each.hash());
      out.put(each.suffix().toArray())
          .position(
              out.position() + Attribute.rounded(each.suffix().length()) - each.suffix().length());
      System.arraycopy(each.value().toArray(), 0, Structure.array(out), end, each.value().length());
    }
  }
}
