package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Block;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The block that begins the file system, with struct erofs_super_block in it. */
final class Superblock {
  private static final int START = 1024;
  private static final int CHECKSUM_AT = START + 4;
  private static final long MAGIC = 0xE0F5E1E2L;
  private static final int BLOCK_BITS = 12;

  /** EROFS_FEATURE_COMPAT_SB_CHKSUM; no feature that a kernel would have to know is used. */
  private static final int CHECKSUMMED = 1;

  private Superblock() {}

  /**
   * The block.
   *
   * @param inodes how many there are
   * @param root the number of the root's
   */
  static byte[] of(ErofsRequest request, int inodes, long root, long blocks) {
    Block out = Block.little(Structure.BLOCK).at(START);
    out.u32(MAGIC).u32(0).u32(CHECKSUMMED).u8(BLOCK_BITS).u8(0);
    out.u16((int) root).u64(inodes).u64(request.time()).u32(0).u32(blocks);
    out.u32(0).u32(0); // inodes count from the beginning; no attributes are shared
    out.uuid(request.uuid()).bytes(request.label().getBytes(StandardCharsets.UTF_8));
    CRC32C crc = new CRC32C();
    crc.update(out.array(), START, Structure.BLOCK - START);
    // Linux's crc32c neither inverts at the end nor asks others to.
    return out.at(CHECKSUM_AT).u32(~(int) crc.getValue()).array();
  }
}
