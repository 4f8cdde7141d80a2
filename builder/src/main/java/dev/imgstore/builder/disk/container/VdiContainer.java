package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.Arrays;

/**
 * VirtualBox's disk image, header version 1.1, growing, with blocks of 1 MiB. The format's fields
 * are those that VirtualBox and QEMU (block/vdi) agree on.
 */
final class VdiContainer implements Container {
  private static final int BLOCK = 1 << 20;
  private static final int SECTOR = 512;
  private static final int HEADER = 512;
  private static final int HEADER_FIELDS = 400;
  private static final int SIGNATURE = 0xbeda107f;
  private static final int VERSION = 0x0001_0001;
  private static final int GROWING = 1;
  private static final int DESCRIPTION = 256;
  private static final int TEXT = 64;
  private static final int UNUSED = -1;

  /** Of 64 TiB; readers take more, but the table is held in memory. */
  private static final long MAX_BLOCKS = 64L << 20;

  private final Digest seed;

  VdiContainer(Digest seed) {
    this.seed = seed;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    long count = Units.count(disk, BLOCK);
    if (disk.size() % SECTOR != 0 || count > MAX_BLOCKS) {
      throw new DiskException(
          "a VDI holds whole sectors and at most 64 TiB, and the disk has "
              + (disk.size() + " bytes; make it smaller"));
    }
    int[] map = new int[(int) count];
    Arrays.fill(map, UNUSED);
    int mapBytes = ((int) count * 4 + SECTOR - 1) / SECTOR * SECTOR;
    long data = (HEADER + mapBytes + BLOCK - 1L) / BLOCK * BLOCK;
    int[] used = {0};
    Units.each(
        disk,
        BLOCK,
        (index, unit) -> {
          map[(int) index] = used[0];
          out.write(data + (long) used[0] * BLOCK, unit);
          used[0]++;
          return unit;
        });
    Block blocks = Block.little(mapBytes);
    for (int place : map) {
      blocks.u32(place);
    }
    out.write(HEADER, blocks.array());
    out.write(0, header(disk.size(), data, map.length, used[0]));
    return data + (long) used[0] * BLOCK;
  }

  private byte[] header(long size, long data, int blocks, int used) {
    Block out = Block.little(HEADER).ascii("<<< Oracle VM VirtualBox Disk Image >>>\n");
    out.at(TEXT).u32(SIGNATURE).u32(VERSION).u32(HEADER_FIELDS).u32(GROWING).u32(0);
    out.at(out.position() + DESCRIPTION).u32(HEADER).u32(data).u32(0).u32(0).u32(0).u32(SECTOR);
    out.u32(0).u64(size).u32(BLOCK).u32(0).u32(blocks).u32(used);
    out.guid(Derived.uuid(seed, "vdi")).guid(Derived.uuid(seed, "vdi modified"));
    return out.array();
  }
}
