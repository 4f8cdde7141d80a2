package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * VMDK in the form for streams (VMware, Virtual Disk Format 5.0, "Stream-Optimized Compressed
 * Sparse Extents"): compressed grains of 64 KiB, each with a marker, and tables behind what they
 * speak of. Written strictly in ascending order, without gaps.
 */
final class VmdkContainer implements Container {
  static final int SECTOR = 512;
  static final int GRAIN = 64 * 1024;
  private static final int GRAIN_SECTORS = GRAIN / SECTOR;
  private static final int GRAINS_PER_TABLE = 512;
  private static final int DESCRIPTOR_SECTORS = 20;
  private static final int OVERHEAD = GRAIN_SECTORS;
  private static final long AT_END = -1;
  private static final int VERSION = 3;

  /** Line ends can be checked, grains are compressed, there are markers. */
  private static final int FLAGS = 0x3_0001;

  private static final int DEFLATE = 1;
  private static final int GRAIN_MARKER = 12;
  private static final int TABLE_MARKER = 1;
  private static final int DIRECTORY_MARKER = 2;
  private static final int FOOTER_MARKER = 3;

  /** A sector's number in a table has 32 bits. */
  private static final long MAX_BYTES = (long) SECTOR << 32;

  private final Digest seed;
  private final Executor pool;

  VmdkContainer(Digest seed, Executor pool) {
    this.seed = seed;
    this.pool = pool;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    if (disk.size() % SECTOR != 0 || disk.size() > MAX_BYTES - GRAIN) {
      throw new DiskException(
          "a stream-optimized VMDK holds whole sectors and less than 2 TiB, and the disk has "
              + (disk.size() + " bytes; make it smaller, or use qcow2 or vhdx"));
    }
    return new Writing(disk, out).write();
  }

  private static Block header(long sectors, long directory) {
    Block out = Block.little(SECTOR).ascii("KDMV").u32(VERSION).u32(FLAGS).u64(sectors);
    out.u64(GRAIN_SECTORS).u64(1).u64(DESCRIPTOR_SECTORS).u32(GRAINS_PER_TABLE).u64(0);
    return out.u64(directory).u64(OVERHEAD).u8(0).u8('\n').u8(' ').u8('\r').u8('\n').u16(DEFLATE);
  }

  /** "The Descriptor File"; its content id stands where others put chance. */
  private byte[] descriptor(long sectors) {
    long cylinders = Math.min(65_535, sectors / (255 * 63));
    String text =
        """
        # Disk DescriptorFile
        version=1
        CID=%
        parentCID=ffffffff
        createType="streamOptimized"

        # Extent description
        RW # SPARSE "disk.vmdk"

        # The Disk Data Base
        #DDB

        ddb.virtualHWVersion = "4"
        ddb.geometry.cylinders = "@"
        ddb.geometry.heads = "255"
        ddb.geometry.sectors = "63"
        ddb.adapterType = "lsilogic"
        """;
    int id = Derived.number(seed, "vmdk") & 0x7fff_ffff;
    String hex = Integer.toHexString(id | 0x1000_0000);
    String filled =
        text.replace("RW #", "RW " + sectors).replace("%", hex).replace("@", "" + cylinders);
    return Block.little(DESCRIPTOR_SECTORS * SECTOR).ascii(filled).array();
  }

  private static int padding(long length) {
    return (int) (-length & (SECTOR - 1));
  }

  /** One file on its way. */
  private final class Writing {
    private final Volume disk;
    private final ContainerSink out;
    private final int[] directory;
    private final int[] table = new int[GRAINS_PER_TABLE];
    private int current = -1;
    private long at;

    Writing(Volume disk, ContainerSink out) {
      this.disk = disk;
      this.out = out;
      long grains = Units.count(disk, GRAIN);
      this.directory = new int[Math.toIntExact((grains + GRAINS_PER_TABLE - 1) / GRAINS_PER_TABLE)];
    }

    long write() throws IOException {
      long sectors = disk.size() / SECTOR;
      append(header(sectors, AT_END).array());
      append(descriptor(sectors));
      append(new byte[(OVERHEAD - 1 - DESCRIPTOR_SECTORS) * SECTOR]);
      CompressedUnits.each(disk, GRAIN, Compressors::zlib, pool, this::grain);
      writeTable();
      long place = metadata(DIRECTORY_MARKER, directory);
      marker(1, FOOTER_MARKER);
      append(header(sectors, place).array());
      append(new byte[SECTOR]);
      return at;
    }

    private void grain(long index, byte[] unit, byte[] packed, int length) throws IOException {
      int wanted = (int) (index / GRAINS_PER_TABLE);
      if (wanted != current) {
        writeTable();
        current = wanted;
      }
      table[(int) (index % GRAINS_PER_TABLE)] = sector(at);
      append(Block.little(GRAIN_MARKER).u64(index * GRAIN_SECTORS).u32(length).array());
      append(packed, length);
      append(new byte[padding((long) GRAIN_MARKER + length)]);
    }

    private void writeTable() throws IOException {
      if (current >= 0) {
        directory[current] = (int) metadata(TABLE_MARKER, table);
        Arrays.fill(table, 0);
      }
    }

    /** Returns the sector at which the entries begin, behind their marker. */
    private long metadata(int type, int[] entries) throws IOException {
      int length = entries.length * 4;
      Block bytes = Block.little(length + padding(length));
      for (int entry : entries) {
        bytes.u32(entry);
      }
      marker(bytes.array().length / SECTOR, type);
      long place = sector(at) & 0xffff_ffffL;
      append(bytes.array());
      return place;
    }

    private void marker(int sectors, int type) throws IOException {
      append(Block.little(SECTOR).u64(sectors).u32(0).u32(type).array());
    }

    private int sector(long offset) throws IOException {
      if (offset >= MAX_BYTES) {
        throw new DiskException(
            "a stream-optimized VMDK of this disk would be larger than 2 TiB; use qcow2 or vhdx");
      }
      return (int) (offset / SECTOR);
    }

    private void append(byte[] bytes) throws IOException {
      append(bytes, bytes.length);
    }

    private void append(byte[] bytes, int length) throws IOException {
      out.write(at, bytes, 0, length);
      at += length;
    }
  }
}
