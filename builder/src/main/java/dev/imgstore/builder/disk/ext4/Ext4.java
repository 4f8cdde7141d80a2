package dev.imgstore.builder.disk.ext4;

import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.concurrent.Executor;

/** Makes ext4 file systems of trees. */
public final class Ext4 {
  private static final int MOST_ATTEMPTS = 10_000;

  private final Ext4Request request;
  private final Contents contents;

  private Ext4(Ext4Request request, Contents contents) {
    this.request = request;
    this.contents = contents;
  }

  /**
   * Plans a file system: reads all directories, looks for holes in large files, and finds the place
   * of everything. The result has the same bytes for the same request, on every machine and with
   * any pool. Needs some hundred bytes of memory for each file, and one directory at a time.
   *
   * @param blobs is read until the volume is not needed any more; the caller closes it after that
   * @param pool helps to read contents, now and when the volume is written; may be busy, or do
   *     nothing at all
   * @throws Ext4Exception if the tree does not fit: into this size, and then it says which it
   *     needs; or into any file system of this kind
   */
  public static Ext4Volume plan(Ext4Request request, BlobReader blobs, Executor pool)
      throws IOException {
    Contents contents =
        TreeScan.read(
            request,
            blobs,
            pool,
            new NameHash(request.identity().hashSeed()),
            TreeScan.MOST_INODES);
    HoleSearch.run(contents, blobs, pool);
    Ext4 ext4 = new Ext4(request, contents);
    Plan plan =
        request.space() instanceof Ext4Space.Exactly exactly
            ? ext4.exactly(exactly)
            : ext4.free((Ext4Space.Free) request.space());
    return new Ext4Volume(plan, size(request, plan), blobs, pool);
  }

  private static long size(Ext4Request request, Plan plan) {
    return request.space() instanceof Ext4Space.Exactly exactly
        ? exactly.bytes()
        : plan.layout().blocks() * Structure.BLOCK;
  }

  private Plan exactly(Ext4Space.Exactly space) throws IOException {
    long blocks = space.bytes() / Structure.BLOCK;
    String why = "";
    if (blocks > Layout.MOST_BLOCKS) {
      throw new Ext4Exception(
          "a file system of "
              + space.bytes()
              + " bytes is too large for ext4: "
              + Layout.MOST_BLOCKS * Structure.BLOCK
              + " (16 TiB less a block) are the most; ask for less");
    }
    if (blocks > 0) {
      Plan plan = attempt(Layout.of(blocks, contents.used()));
      if (plan.missing(0) <= 0) {
        return plan;
      }
      if (contents.used() > plan.layout().inodes()) {
        why = inodes(plan.layout());
      }
    }
    long needed = free(new Ext4Space.Free(0)).layout().blocks() * Structure.BLOCK;
    throw new Ext4Exception(
        "the tree needs a file system of at least "
            + needed
            + " bytes ("
            + megabytes(needed)
            + " MiB), and this one has "
            + space.bytes()
            + why
            + "; enlarge it, or leave something out");
  }

  /** Of a file system that is large enough for the bytes and not for the number of files. */
  private String inodes(Layout layout) {
    return " and room for "
        + layout.inodes()
        + " files and directories, of which there are "
        + contents.used();
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  /** Grows by what is missing until nothing is. */
  private Plan free(Ext4Space.Free space) throws IOException {
    long wanted = Structure.blocks(space.bytes());
    long blocks = 1;
    for (int i = 0; i < MOST_ATTEMPTS; i++) {
      blocks = Layout.usable(blocks, contents.used());
      if (blocks > Layout.MOST_BLOCKS) {
        throw new Ext4Exception(
            "the tree and the free space need "
                + blocks * Structure.BLOCK
                + " bytes or more, and "
                + Layout.MOST_BLOCKS * Structure.BLOCK
                + " (16 TiB less a block) are the most of ext4; ask for less, or leave something"
                + " out");
      }
      Plan plan = attempt(Layout.of(blocks, contents.used()));
      long missing = plan.missing(wanted);
      if (missing <= 0) {
        return plan;
      }
      blocks += missing;
    }
    throw new AssertionError("no size of a file system was found");
  }

  private Plan attempt(Layout layout) throws IOException {
    Allocation blocks = new Allocation(layout);
    int indirect = blocks.one();
    contents.place(blocks, layout);
    return new Plan(request, contents, layout, blocks, indirect);
  }
}
