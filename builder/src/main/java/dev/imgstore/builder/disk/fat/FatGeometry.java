package dev.imgstore.builder.disk.fat;

import dev.imgstore.builder.disk.DiskException;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * How the sectors of a file system are dealt out. What makes it FAT32 is the number of its clusters
 * and nothing else (FAT 1.03, "FAT Type Determination"), so a small one has more than it needs.
 */
record FatGeometry(long sectors, int sectorsPerCluster, long fatSectors) {
  static final int SECTOR = 512;
  static final int RESERVED = 32;
  static final int FATS = 2;
  static final int FIRST_CLUSTER = 2;
  static final int ENTRIES_PER_SECTOR = SECTOR / 4;

  /**
   * The fewest that are FAT32, and the sixteen more by which the specification advises to stay off.
   */
  static final long MIN_CLUSTERS = 65_525 + 16;

  private static final long MAX_SECTORS = 0xffff_ffffL;
  private static final long ROUND = (1 << 20) / SECTOR;

  /** FAT 1.03, DskTableFAT32: up to this size, this many sectors in a cluster. */
  private record Step(long maxSectors, int sectorsPerCluster) {}

  private static final List<Step> STEPS =
      List.of(
          new Step(532_480, 1),
          new Step(16_777_216, 8),
          new Step(33_554_432, 16),
          new Step(67_108_864, 32),
          new Step(MAX_SECTORS, 64));

  /**
   * The smallest that holds what it has to, rounded up to a mebibyte.
   *
   * @param clusters how many clusters are needed when they have this many bytes
   */
  static FatGeometry fitting(LongUnaryOperator clusters, long atLeast) throws DiskException {
    for (Step step : STEPS) {
      int unit = step.sectorsPerCluster();
      long needed = Math.max(MIN_CLUSTERS, clusters.applyAsLong((long) unit * SECTOR));
      long fat = ceil(needed + FIRST_CLUSTER, ENTRIES_PER_SECTOR);
      long own = RESERVED + FATS * fat + needed * unit;
      long all = ceil(Math.max(own, ceil(atLeast, SECTOR)), ROUND) * ROUND;
      if (all <= step.maxSectors()) {
        return new FatGeometry(all, unit, fatSectors(all, unit));
      }
    }
    throw new DiskException(
        "a FAT file system has at most 2 TiB, and its files or the size asked for need more;"
            + " leave files out or ask for less");
  }

  /** Enough for every cluster that there is when the tables have taken their room. */
  private static long fatSectors(long all, int unit) {
    return ceil(
        all - RESERVED + (long) FIRST_CLUSTER * unit, (long) ENTRIES_PER_SECTOR * unit + FATS);
  }

  private static long ceil(long value, long unit) {
    return (value + unit - 1) / unit;
  }

  int clusterBytes() {
    return sectorsPerCluster * SECTOR;
  }

  long clusters() {
    return (sectors - RESERVED - FATS * fatSectors) / sectorsPerCluster;
  }

  long bytes() {
    return sectors * SECTOR;
  }

  long fatOffset(int copy) {
    return (RESERVED + copy * fatSectors) * SECTOR;
  }

  long clusterOffset(long cluster) {
    long data = RESERVED + FATS * fatSectors;
    return (data + (cluster - FIRST_CLUSTER) * sectorsPerCluster) * SECTOR;
  }
}
