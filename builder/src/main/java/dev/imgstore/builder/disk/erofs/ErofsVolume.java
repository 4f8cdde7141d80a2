package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * A file system that is planned; reads the contents of files each time it is written. Safe for
 * several threads.
 */
public final class ErofsVolume implements Volume {
  private final ErofsRequest request;
  private final List<Inode> inodes;
  private final long blocks;
  private final BlobReader blobs;
  private final Executor pool;

  private ErofsVolume(
      ErofsRequest request, List<Inode> inodes, long blocks, BlobReader blobs, Executor pool) {
    this.request = request;
    this.inodes = inodes;
    this.blocks = blocks;
    this.blobs = blobs;
    this.pool = pool;
  }

  /**
   * Plans a file system: reads all directories and finds the place of everything. The result has
   * the same bytes for the same request, on every machine and with any pool. Needs some hundred
   * bytes of memory for each file.
   *
   * @param blobs is read until the volume is not needed any more; the caller closes it after that
   * @param pool helps to read contents when the volume is written; may be busy, or do nothing
   * @throws ErofsException if the tree does not fit into any file system of this kind
   */
  public static ErofsVolume plan(ErofsRequest request, BlobReader blobs, Executor pool)
      throws IOException {
    List<Inode> inodes = TreeScan.read(request, blobs, TreeScan.MOST_NAMES);
    long blocks = Layout.place(inodes);
    return new ErofsVolume(request, List.copyOf(inodes), blocks, blobs, pool);
  }

  /** A multiple of 4096. */
  @Override
  public long size() {
    return blocks * Structure.BLOCK;
  }

  /** By which others know it. */
  public UUID uuid() {
    return request.uuid();
  }

  /**
   * Writes it. Needs some tens of megabytes, and one directory at a time.
   *
   * @throws dev.imgstore.store.StoreException if the store does not hold what the tree names, or
   *     holds it damaged
   */
  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    new VolumeWriter(request, inodes, blocks, blobs, pool, sink).write();
  }
}
