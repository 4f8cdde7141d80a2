package dev.imgstore.builder.disk.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** The sizes this room has chosen, and structures of ext4 as bytes: little-endian all of them. */
final class Structure {
  /** Bytes of a block. */
  static final int BLOCK = 4096;

  /** Blocks of a group: as many as one block has bits. */
  static final int GROUP = 8 * BLOCK;

  /** Bytes of an inode. */
  static final int INODE = 256;

  /** Bytes of a group's descriptor. */
  static final int DESCRIPTOR = 64;

  /** Block numbers of 32 bits in one block. */
  static final int ADDRESSES = BLOCK / 4;

  private Structure() {}

  static ByteBuffer allocate(int bytes) {
    return wrap(new byte[bytes]);
  }

  static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes of a structure that was made here, which begin with its first. */
  static byte[] array(ByteBuffer structure) {
    if (structure.arrayOffset() != 0) {
      throw new IllegalArgumentException("not the whole of a structure");
    }
    return structure.array();
  }

  /** A UUID as it is stored: in the order it is read. */
  static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  /** Blocks that hold this many bytes. */
  static long blocks(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK;
  }
}
