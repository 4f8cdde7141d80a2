package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Volume;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * qcow2, version 3 (QEMU, docs/interop/qcow2), with clusters of 64 KiB. A cluster of zeros takes
 * nothing, one that compression does not make shorter is kept as it is.
 */
final class QcowContainer implements Container {
  private static final int BITS = 16;
  private static final int HEADER = 112;
  private static final int MAGIC = 0x514649fb;
  private static final int VERSION = 3;
  private static final int REFCOUNT_ORDER = 4;

  /** Incompatible feature bit 3: the header names the compression. */
  private static final long NAMES_COMPRESSION = 1 << 3;

  /** How clusters are kept. */
  enum Compression {
    NONE,
    ZLIB,
    ZSTD
  }

  private final Compression compression;
  private final Executor pool;
  private final int bits;

  QcowContainer(Compression compression, Executor pool) {
    this(compression, pool, BITS);
  }

  /** With clusters of another size, 2 to the power of {@code bits}. */
  QcowContainer(Compression compression, Executor pool, int bits) {
    this.compression = compression;
    this.pool = pool;
    this.bits = bits;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    int cluster = 1 << bits;
    QcowTables tables = new QcowTables(out, cluster, Units.count(disk, cluster));
    switch (compression) {
      case NONE -> Units.each(disk, cluster, tables::add);
      case ZLIB ->
          CompressedUnits.each(disk, cluster, Compressors::deflate, pool, tables::addShorter);
      case ZSTD -> CompressedUnits.each(disk, cluster, Compressors::zstd, pool, tables::addShorter);
    }
    QcowTables.Places places = tables.finish();
    out.write(0, header(disk.size(), places));
    return places.end();
  }

  /** "Header"; no extensions, the last of which is eight zeros. */
  private byte[] header(long size, QcowTables.Places places) {
    boolean zstd = compression == Compression.ZSTD;
    Block header = Block.big(HEADER + 8).u32(MAGIC).u32(VERSION).u64(0).u32(0).u32(bits);
    header.u64(size).u32(0).u32(places.firstLevelEntries()).u64(places.firstLevel());
    header.u64(places.refcounts()).u32(places.refcountClusters()).u32(0).u64(0);
    header.u64(zstd ? NAMES_COMPRESSION : 0).u64(0).u64(0).u32(REFCOUNT_ORDER).u32(HEADER);
    return header.u8(zstd ? 1 : 0).array();
  }
}
