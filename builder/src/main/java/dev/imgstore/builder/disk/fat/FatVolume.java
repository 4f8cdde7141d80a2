package dev.imgstore.builder.disk.fat;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * A FAT32 file system of some files. Each lies in one piece, in the order of paths, all with one
 * constant time; memory grows with the number of files and not with their bytes.
 */
public final class FatVolume implements Volume {
  private static final Pattern LABEL = Pattern.compile("[A-Z0-9_-]{1,11}");
  private static final int LABEL_LENGTH = 11;
  private static final int BACKUP_SECTOR = 6;

  private final FatGeometry geometry;
  private final CompositeVolume whole;

  private FatVolume(FatGeometry geometry, CompositeVolume whole) {
    this.geometry = geometry;
    this.whole = whole;
  }

  /**
   * A file system.
   *
   * @param seed the serial number comes from it
   * @param label 1 to 11 of A to Z, 0 to 9, - and _
   * @param files what is in it; directories follow from the paths
   * @param atLeast bytes it is to have at least; without files it has about 34 MB
   * @throws DiskException if FAT cannot hold one of the files, which is named
   */
  public static FatVolume of(
      Digest seed, String label, SortedMap<TreePath, Volume> files, long atLeast)
      throws DiskException {
    if (!LABEL.matcher(label).matches()) {
      throw new IllegalArgumentException("not a label for FAT: " + label);
    }
    String padded = label + " ".repeat(LABEL_LENGTH - label.length());
    List<FatNode> nodes = FatNode.root(files).all();
    FatGeometry geometry = FatGeometry.fitting(unit -> clusters(nodes, unit), atLeast);
    long next = FatGeometry.FIRST_CLUSTER;
    FatChains chains = new FatChains();
    Map<TreePath, FatNode> directories = new HashMap<>();
    for (FatNode node : nodes) {
      directories.put(node.path(), node);
      long count = node.clusters(geometry.clusterBytes());
      node.placeAt(count == 0 ? 0 : next);
      chains.add(count);
      next += count;
    }
    long free = geometry.clusters() - (next - FatGeometry.FIRST_CLUSTER);
    byte[] reserved = reserved(geometry, Derived.number(seed, "fat"), padded, free, next);
    List<CompositeVolume.Part> parts = new ArrayList<>();
    parts.add(new CompositeVolume.Part(0, BytesVolume.of(reserved)));
    for (int copy = 0; copy < FatGeometry.FATS; copy++) {
      parts.add(new CompositeVolume.Part(geometry.fatOffset(copy), chains));
    }
    long at = FatGeometry.FIRST_CLUSTER;
    for (FatNode node : nodes) {
      FatNode parent = Objects.requireNonNull(directories.get(node.parentPath()));
      parts.add(new CompositeVolume.Part(geometry.clusterOffset(at), node.bytes(parent, padded)));
      at += node.clusters(geometry.clusterBytes());
    }
    return new FatVolume(geometry, CompositeVolume.of(geometry.bytes(), parts));
  }

  private static long clusters(List<FatNode> nodes, long unit) {
    return nodes.stream().mapToLong(node -> node.clusters(unit)).sum();
  }

  /** Boot sector, information sector, and both again. */
  private static byte[] reserved(
      FatGeometry geometry, int serial, String label, long free, long next) {
    Block out = Block.little(FatGeometry.RESERVED * FatGeometry.SECTOR);
    for (int sector : new int[] {0, BACKUP_SECTOR}) {
      putBoot(out, sector * FatGeometry.SECTOR, geometry, serial, label);
      putInformation(out, (sector + 1) * FatGeometry.SECTOR, free, next);
    }
    return out.array();
  }

  /** FAT 1.03, "Boot Sector and BPB Structure"; what runs is an endless loop. */
  private static void putBoot(
      Block out, int start, FatGeometry geometry, int serial, String label) {
    out.at(start).u8(0xeb).u8(0x58).u8(0x90).ascii("MSWIN4.1");
    out.u16(FatGeometry.SECTOR).u8(geometry.sectorsPerCluster()).u16(FatGeometry.RESERVED);
    out.u8(FatGeometry.FATS).u16(0).u16(0).u8(0xf8).u16(0).u16(63).u16(255).u32(0);
    out.u32(geometry.sectors()).u32(geometry.fatSectors()).u16(0).u16(0);
    out.u32(FatGeometry.FIRST_CLUSTER).u16(1).u16(BACKUP_SECTOR);
    out.at(start + 64).u8(0x80).u8(0).u8(0x29).u32(serial).ascii(label).ascii("FAT32   ");
    out.u8(0xeb).u8(0xfe);
    out.at(start + 510).u16(0xaa55);
  }

  /** FAT 1.03, "FAT32 FSInfo Sector Structure". */
  private static void putInformation(Block out, int start, long free, long next) {
    out.at(start).u32(0x4161_5252).at(start + 484).u32(0x6141_7272).u32(free).u32(next);
    out.at(start + 508).u32(0xaa55_0000);
  }

  @Override
  public long size() {
    return geometry.bytes();
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    whole.writeTo(sink);
  }
}
