package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * A file system that is planned; reads the contents of files each time it is written. Safe for
 * several threads.
 */
public final class Ext4Volume implements Volume {
  private final Plan plan;
  private final long size;
  private final BlobReader blobs;
  private final Executor pool;

  Ext4Volume(Plan plan, long size, BlobReader blobs, Executor pool) {
    this.plan = plan;
    this.size = size;
    this.blobs = blobs;
    this.pool = pool;
  }

  @Override
  public long size() {
    return size;
  }

  /** By which a kernel finds it. */
  public UUID uuid() {
    return plan.request().identity().uuid();
  }

  /** Bytes that more files can take; none are kept for root. */
  public long freeBytes() {
    return plan.freeBlocks() * Structure.BLOCK;
  }

  /** How many more files there can be. */
  public long freeInodes() {
    return plan.freeInodes();
  }

  /**
   * Writes it. Needs some tens of megabytes, and one directory at a time.
   *
   * @throws dev.imgstore.store.StoreException if the store does not hold what the tree names, or
   *     holds it damaged
   */
  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    new VolumeWriter(plan, blobs, pool, sink).write();
  }
}
