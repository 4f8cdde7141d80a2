package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.Arrays;

/**
 * Microsoft's Virtual Hard Disk Image Format Specification, 1.0, as fixed disk or as dynamic one
 * with blocks of 2 MiB. The disk's size in the footer counts, not its geometry: that is what
 * readers make of the creator's name, by which Windows marks its own.
 */
final class VhdContainer implements Container {
  private static final int SECTOR = 512;
  private static final int BLOCK = 2 << 20;
  private static final int HEADER = 1024;
  private static final int TABLE_AT = SECTOR + HEADER;
  private static final int CHECKSUM_IN_FOOTER = 64;
  private static final int CHECKSUM_IN_HEADER = 36;
  private static final int VERSION = 0x0001_0000;
  private static final int CREATOR_VERSION = 0x000a_0000;
  private static final int FIXED = 2;
  private static final int DYNAMIC = 3;
  private static final int UNUSED = -1;

  /** 2040 GiB, the most that the format's own tools make. */
  private static final long MAX_BYTES = 2040L << 30;

  private final Digest seed;
  private final boolean dynamic;

  VhdContainer(Digest seed, boolean dynamic) {
    this.seed = seed;
    this.dynamic = dynamic;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    if (disk.size() % SECTOR != 0 || disk.size() > MAX_BYTES) {
      throw new DiskException(
          "a VHD holds whole sectors and at most 2040 GiB, and the disk has "
              + (disk.size() + " bytes; make it smaller, or use vhdx"));
    }
    byte[] footer = footer(disk.size());
    long end = dynamic ? blocks(disk, footer, out) : plain(disk, out);
    out.write(end, footer);
    return end + footer.length;
  }

  private static long plain(Volume disk, ContainerSink out) throws IOException {
    disk.writeTo(out::write);
    return disk.size();
  }

  /** "Dynamic Disk Header Format", "Block Allocation Table and Data Blocks". */
  private static long blocks(Volume disk, byte[] footer, ContainerSink out) throws IOException {
    int count = Math.toIntExact(Units.count(disk, BLOCK));
    int[] places = new int[count];
    Arrays.fill(places, UNUSED);
    int tableBytes = (count * 4 + SECTOR - 1) / SECTOR * SECTOR;
    byte[] bitmap = new byte[SECTOR];
    Arrays.fill(bitmap, (byte) -1);
    long[] end = {TABLE_AT + tableBytes};
    Units.each(
        disk,
        BLOCK,
        (index, unit) -> {
          places[(int) index] = (int) (end[0] / SECTOR);
          out.write(end[0], bitmap);
          out.write(end[0] + SECTOR, unit);
          end[0] += SECTOR + BLOCK;
          return unit;
        });
    Block table = Block.big(tableBytes);
    for (int place : places) {
      table.u32(place);
    }
    while (table.position() < tableBytes) {
      table.u32(UNUSED);
    }
    out.write(0, footer);
    out.write(SECTOR, header(count));
    out.write(TABLE_AT, table.array());
    return end[0];
  }

  private static byte[] header(int count) {
    Block out = Block.big(HEADER).ascii("cxsparse").u64(-1).u64(TABLE_AT).u32(VERSION);
    out.u32(count).u32(BLOCK);
    return out.at(CHECKSUM_IN_HEADER).u32(checksum(out.array())).array();
  }

  /** "Hard Disk Footer Format"; its time is the format's own beginning, 1 January 2000. */
  private byte[] footer(long size) {
    Block out = Block.big(SECTOR).ascii("conectix").u32(2).u32(VERSION);
    out.u64(dynamic ? SECTOR : -1).u32(0).ascii("win ").u32(CREATOR_VERSION).ascii("Wi2k");
    out.u64(size).u64(size);
    putGeometry(out, size / SECTOR);
    out.u32(dynamic ? DYNAMIC : FIXED).u32(0).uuid(Derived.uuid(seed, "vhd")).u8(0);
    return out.at(CHECKSUM_IN_FOOTER).u32(checksum(out.array())).array();
  }

  /** "Appendix: CHS Calculation". */
  private static void putGeometry(Block out, long sectors) {
    long capped = Math.min(sectors, 65_535L * 16 * 255);
    long perTrack = 255;
    long heads = 16;
    long tracks = capped / perTrack;
    if (capped < 65_536L * 16 * 63) {
      perTrack = 17;
      tracks = capped / perTrack;
      heads = Math.max(4, (tracks + 1023) / 1024);
      if (tracks >= heads * 1024 || heads > 16) {
        perTrack = 31;
        heads = 16;
        tracks = capped / perTrack;
      }
      if (tracks >= heads * 1024) {
        perTrack = 63;
        tracks = capped / perTrack;
      }
    }
    out.u16((int) (tracks / heads)).u8((int) heads).u8((int) perTrack);
  }

  /** All bits of the sum of all bytes turned over; the field itself is zero then. */
  private static int checksum(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b & 0xff;
    }
    return ~sum;
  }
}
