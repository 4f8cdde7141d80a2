package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Microsoft's VHDX ([MS-VHDX], version 2), growing, with blocks of 2 MiB and an empty log. Blocks
 * of zeros are said to be zero, which the format defines, rather than absent, which it does not.
 */
final class VhdxContainer implements Container {
  private static final long MIB = 1 << 20;
  private static final int KIB = 1024;
  private static final int BLOCK = 2 << 20;
  private static final int SECTOR = 512;
  private static final int PHYSICAL_SECTOR = 4096;
  private static final int ENTRY = 8;

  /** 2.5: after so many blocks the table has an entry for a bitmap, which only children use. */
  private static final long CHUNK = (1L << 23) * SECTOR / BLOCK;

  private static final long ZERO = 2;
  private static final long PRESENT = 6;

  private static final long LOG_AT = MIB;
  private static final long METADATA_AT = 2 * MIB;
  private static final long TABLE_AT = 3 * MIB;
  private static final long MAX_BYTES = 64L << 40;

  private static final int HEADER = 4 * KIB;
  private static final int REGION_TABLE = 64 * KIB;
  private static final int ITEMS_AT = 64 * KIB;
  private static final int CHECKSUM_AT = 4;

  /** 2.6.1.2: required to be understood; and of the disk, not of the file. */
  private static final int REQUIRED = 4;

  private static final int OF_DISK = 2;

  private final Digest seed;

  VhdxContainer(Digest seed) {
    this.seed = seed;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    if (disk.size() % SECTOR != 0 || disk.size() > MAX_BYTES) {
      throw new DiskException(
          "a VHDX holds whole sectors and at most 64 TiB, and the disk has "
              + (disk.size() + " bytes; make it smaller"));
    }
    int blocks = Math.toIntExact(Units.count(disk, BLOCK));
    int entries = (int) (blocks + Math.max(0, blocks - 1) / CHUNK);
    long tableBytes = ((long) entries * ENTRY + MIB - 1) / MIB * MIB;
    Block table = Block.little(Math.toIntExact(Math.max(tableBytes, MIB)));
    for (int i = 0; i < blocks; i++) {
      table.at(entry(i)).u64(ZERO);
    }
    long[] end = {TABLE_AT + table.array().length};
    Units.each(
        disk,
        BLOCK,
        (index, unit) -> {
          out.write(end[0], unit);
          table.at(entry(index)).u64(((end[0] / MIB) << 20) | PRESENT);
          end[0] += BLOCK;
          return unit;
        });
    out.write(TABLE_AT, table.array());
    writeFront(disk.size(), table.array().length, out);
    return end[0];
  }

  private static int entry(long block) {
    return (int) ((block + block / CHUNK) * ENTRY);
  }

  private void writeFront(long size, int tableBytes, ContainerSink out) throws IOException {
    byte[] creator = "imgstore".getBytes(StandardCharsets.UTF_16LE);
    out.write(0, Block.little(KIB).ascii("vhdxfile").bytes(creator).array());
    out.write(64 * KIB, header(1));
    out.write(128 * KIB, header(2));
    byte[] regions = regions(tableBytes);
    out.write(192 * KIB, regions);
    out.write(256 * KIB, regions);
    out.write(METADATA_AT, metadata(size));
  }

  /** 2.2.2: the one with the higher number counts; no log waits to be replayed. */
  private byte[] header(int sequence) {
    Block out = Block.little(HEADER).ascii("head").u32(0).u64(sequence);
    out.guid(Derived.uuid(seed, "vhdx file")).guid(Derived.uuid(seed, "vhdx data"));
    out.guid(new UUID(0, 0)).u16(0).u16(1).u32(MIB).u64(LOG_AT);
    return checked(out);
  }

  /** 2.2.3. */
  private static byte[] regions(int tableBytes) {
    Block out = Block.little(REGION_TABLE).ascii("regi").u32(0).u32(2).u32(0);
    out.guid(UUID.fromString("2dc27766-f623-4200-9d64-115e9bfd4a08"));
    out.u64(TABLE_AT).u32(tableBytes).u32(1);
    out.guid(UUID.fromString("8b7ca206-4790-4b9a-b8fe-575f050f886e"));
    out.u64(METADATA_AT).u32(MIB).u32(1);
    return checked(out);
  }

  private static byte[] checked(Block block) {
    CRC32C sum = new CRC32C();
    sum.update(block.array());
    return block.at(CHECKSUM_AT).u32(sum.getValue()).array();
  }

  /** 2.6: a table of items, and behind it the items. */
  private byte[] metadata(long size) {
    Block out = Block.little(ITEMS_AT + 48).ascii("metadata").u16(0).u16(5).at(32);
    putItem(out, "caa16737-fa36-4d43-b3b6-33f0aa44e76b", 0, 8, REQUIRED);
    putItem(out, "2fa54224-cd1b-4876-b211-5dbed83bf4b8", 8, 8, REQUIRED | OF_DISK);
    putItem(out, "beca12ab-b2e6-4523-93ef-c309e000c746", 16, 16, REQUIRED | OF_DISK);
    putItem(out, "8141bf1d-a96f-4709-ba47-f233a8faab5f", 32, 4, REQUIRED | OF_DISK);
    putItem(out, "cda348c7-445d-4471-9cc9-e9885251c556", 36, 4, REQUIRED | OF_DISK);
    out.at(ITEMS_AT).u32(BLOCK).u32(0).u64(size).guid(Derived.uuid(seed, "vhdx disk"));
    return out.u32(SECTOR).u32(PHYSICAL_SECTOR).array();
  }

  private static void putItem(Block out, String id, int at, int length, int flags) {
    out.guid(UUID.fromString(id)).u32(ITEMS_AT + at).u32(length).u32(flags).u32(0);
  }
}
