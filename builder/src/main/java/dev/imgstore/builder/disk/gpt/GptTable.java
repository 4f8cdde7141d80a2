package dev.imgstore.builder.disk.gpt;

import dev.imgstore.builder.disk.Block;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * The sectors of a table: protective MBR, header and entries in front, entries and header behind.
 */
final class GptTable {
  static final int ENTRIES = 128;
  private static final int ENTRY = 128;
  private static final int ENTRY_SECTORS = ENTRIES * ENTRY / GptDisk.SECTOR;
  private static final int FIRST_USABLE = 2 + ENTRY_SECTORS;

  private static final int REVISION = 0x0001_0000;
  private static final int HEADER_SIZE = 92;
  private static final int HEADER_CRC_AT = 16;

  private static final int MAX_BOOT_CODE = 440;
  private static final int MBR_PARTITION = 446;
  private static final int MBR_SIGNATURE = 510;

  private final UUID disk;
  private final long sectors;
  private final byte[] entries;

  GptTable(UUID disk, long sectors, List<GptDisk.Extent> extents) {
    this.disk = disk;
    this.sectors = sectors;
    Block out = Block.little(ENTRY_SECTORS * GptDisk.SECTOR);
    for (int i = 0; i < extents.size(); i++) {
      putEntry(out.at(i * ENTRY), extents.get(i));
    }
    this.entries = out.array();
  }

  /** UEFI 2.10, table 5.6. */
  private static void putEntry(Block out, GptDisk.Extent extent) {
    Partition partition = extent.partition();
    long first = extent.offset() / GptDisk.SECTOR;
    out.guid(partition.type().id()).guid(partition.id());
    out.u64(first).u64(first + extent.length() / GptDisk.SECTOR - 1);
    out.u64(partition.attributes());
    out.bytes(partition.name().getBytes(StandardCharsets.UTF_16LE));
  }

  byte[] front(byte[] bootCode) {
    Block out = Block.little(FIRST_USABLE * GptDisk.SECTOR);
    putProtectiveMbr(out, bootCode);
    putHeader(out, GptDisk.SECTOR, 1, sectors - 1, 2);
    return out.at(2 * GptDisk.SECTOR).bytes(entries).array();
  }

  byte[] back() {
    Block out = Block.little((ENTRY_SECTORS + 1) * GptDisk.SECTOR).bytes(entries);
    putHeader(out, entries.length, sectors - 1, 1, sectors - 1 - ENTRY_SECTORS);
    return out.array();
  }

  /**
   * UEFI 2.10, tables 5.1 to 5.4: one record of type 0xEE that covers the disk as far as it can.
   */
  private void putProtectiveMbr(Block out, byte[] bootCode) {
    if (bootCode.length > MAX_BOOT_CODE) {
      throw new IllegalArgumentException(
          "boot code has at most " + MAX_BOOT_CODE + " bytes, not " + bootCode.length);
    }
    out.bytes(bootCode);
    out.at(MBR_PARTITION).u32(0x0002_0000); // not active; from cylinder 0, head 0, sector 2
    out.u32(0xffff_ffee); // type; ends beyond what such addresses can say
    out.u32(1).u32(Math.min(sectors - 1, 0xffff_ffffL));
    out.at(MBR_SIGNATURE).u16(0xaa55);
  }

  /** UEFI 2.10, table 5.5. */
  private void putHeader(Block out, int start, long mine, long other, long entriesAt) {
    out.at(start).ascii("EFI PART").u32(REVISION).u32(HEADER_SIZE).u32(0).u32(0);
    out.u64(mine).u64(other).u64(FIRST_USABLE).u64(sectors - 2 - ENTRY_SECTORS);
    out.guid(disk).u64(entriesAt).u32(ENTRIES).u32(ENTRY);
    out.u32(crc(entries, 0, entries.length));
    out.at(start + HEADER_CRC_AT).u32(crc(out.array(), start, HEADER_SIZE));
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
