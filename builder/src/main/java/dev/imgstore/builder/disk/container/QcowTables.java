package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where clusters are, and how often each part of the file is used (QEMU, docs/interop/qcow2, "Host
 * cluster management" and "Cluster mapping"). The file grows at its end only: compressed clusters
 * follow each other without gaps, all else begins at a cluster.
 */
final class QcowTables {
  private static final int ENTRY = 8;
  private static final long USED_ONCE = 1L << 63;
  private static final long COMPRESSED = 1L << 62;
  private static final int SECTOR_BITS = 9;

  private final ContainerSink out;
  private final int cluster;
  private final int perTable;
  private final long[] firstLevel;
  private final long[] secondLevel;
  private final List<char[]> refcounts = new ArrayList<>();
  private final int perRefcountBlock;
  private final int lengthShift;
  private long table = -1;
  private long end;

  QcowTables(ContainerSink out, int cluster, long clusters) {
    this.out = out;
    this.cluster = cluster;
    this.perTable = cluster / ENTRY;
    this.perRefcountBlock = cluster / 2;
    this.firstLevel = new long[Math.toIntExact((clusters + perTable - 1) / perTable)];
    this.secondLevel = new long[perTable];
    this.lengthShift = 62 - (Integer.numberOfTrailingZeros(cluster) - 8);
    take(cluster);
  }

  /** What the header says. */
  record Places(
      int firstLevelEntries, long firstLevel, long refcounts, int refcountClusters, long end) {}

  byte[] add(long index, byte[] unit) throws IOException {
    select(index);
    long at = takeClusters(1);
    out.write(at, unit);
    secondLevel[(int) (index % perTable)] = at | USED_ONCE;
    return unit;
  }

  void addShorter(long index, byte[] unit, byte[] packed, int length) throws IOException {
    if (length >= unit.length) {
      add(index, unit);
      return;
    }
    select(index);
    long at = take(length);
    out.write(at, packed, 0, length);
    long more = ((at + length - 1) >> SECTOR_BITS) - (at >> SECTOR_BITS);
    secondLevel[(int) (index % perTable)] = COMPRESSED | (more << lengthShift) | at;
  }

  /** Makes the table current that holds a cluster; the one before is complete then. */
  private void select(long index) throws IOException {
    if (index / perTable != table) {
      writeTable();
      table = index / perTable;
    }
  }

  private void writeTable() throws IOException {
    if (table < 0) {
      return;
    }
    Block bytes = Block.big(cluster);
    for (int i = 0; i < perTable; i++) {
      bytes.u64(secondLevel[i]);
      secondLevel[i] = 0;
    }
    long at = takeClusters(1);
    out.write(at, bytes.array());
    firstLevel[(int) table] = at | USED_ONCE;
  }

  /** The next bytes of the file, counted in each cluster they touch. */
  private long take(long length) {
    long at = end;
    end += length;
    for (long used = at / cluster; used <= (end - 1) / cluster; used++) {
      int block = (int) (used / perRefcountBlock);
      while (refcounts.size() <= block) {
        refcounts.add(new char[perRefcountBlock]);
      }
      refcounts.get(block)[(int) (used % perRefcountBlock)]++;
    }
    return at;
  }

  private long takeClusters(long count) {
    end = (end + cluster - 1) / cluster * cluster;
    return take(count * cluster);
  }

  private long clustersFor(long bytes) {
    return (bytes + cluster - 1) / cluster;
  }

  Places finish() throws IOException {
    writeTable();
    Block bytes = Block.big(firstLevel.length * ENTRY);
    for (long entry : firstLevel) {
      bytes.u64(entry);
    }
    long first = takeClusters(Math.max(1, clustersFor(bytes.array().length)));
    out.write(first, bytes.array());
    return writeRefcounts(first);
  }

  /** Blocks and their table count themselves too, so there are as many as it takes for both. */
  private Places writeRefcounts(long first) throws IOException {
    long used = clustersFor(end);
    long blocks = 0;
    long tables = 0;
    while ((used + blocks + tables + perRefcountBlock - 1) / perRefcountBlock > blocks
        || clustersFor(blocks * ENTRY) > tables) {
      blocks = (used + blocks + tables + perRefcountBlock - 1) / perRefcountBlock;
      tables = clustersFor(blocks * ENTRY);
    }
    long at = takeClusters(tables + blocks);
    Block pointers = Block.big(Math.toIntExact(tables * cluster));
    for (int i = 0; i < blocks; i++) {
      long place = at + (tables + i) * cluster;
      pointers.u64(place);
      Block counts = Block.big(cluster);
      for (char count : refcounts.get(i)) {
        counts.u16(count);
      }
      out.write(place, counts.array());
    }
    out.write(at, pointers.array());
    return new Places(firstLevel.length, first, at, (int) tables, end);
  }
}
