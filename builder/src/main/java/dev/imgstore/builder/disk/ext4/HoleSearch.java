package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.Due;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks for long runs of zeros, which get no blocks. Where they are must be known before the first
 * block is written, so large files are read for it once more; what counts is the content alone, so
 * it is the same everywhere.
 */
final class HoleSearch {
  /** In smaller files nothing is searched. */
  static final long SMALLEST_FILE = 8L << 20;

  /** Fewer blocks of zeros in a row get blocks: they would cost more extents than they save. */
  static final int SHORTEST = (512 << 10) / Structure.BLOCK;

  private static final byte[] ZEROS = new byte[Structure.BLOCK];
  private static final int BUFFER = 256 << 10;

  private int[] holes = new int[8];
  private int length;
  private long zeros;
  private long block;

  private HoleSearch() {}

  /**
   * Finds the holes of every file; files are read by the pool, and by this thread what the pool has
   * not begun.
   */
  static void run(Contents contents, BlobReader blobs, Executor pool) throws IOException {
    List<FutureTask<int[]>> searches = new ArrayList<>();
    List<Inode> files = new ArrayList<>();
    AtomicBoolean stopped = new AtomicBoolean();
    contents.forEach(
        (number, inode) -> {
          if (inode.body instanceof Inode.Body.Content file && inode.size >= SMALLEST_FILE) {
            files.add(inode);
            searches.add(new FutureTask<>(() -> search(blobs, file, stopped)));
          }
        });
    Due.inOrder(searches, pool, (i, holes) -> files.get(i).holes = holes, () -> stopped.set(true));
  }

  private static int[] search(BlobReader blobs, Inode.Body.Content file, AtomicBoolean stopped)
      throws IOException {
    HoleSearch search = new HoleSearch();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = blobs.open(file.digest())) {
      int got = in.readNBytes(buffer, 0, buffer.length);
      while (got > 0 && !stopped.get()) {
        search.look(buffer, got);
        got = in.readNBytes(buffer, 0, buffer.length);
      }
    }
    search.end();
    return Arrays.copyOf(search.holes, search.length);
  }

  /** Whole blocks; what is left at the end of the file is none. */
  private void look(byte[] bytes, int count) {
    for (int at = 0; at + Structure.BLOCK <= count; at += Structure.BLOCK) {
      if (bytes[at] == 0
          && Arrays.equals(bytes, at, at + Structure.BLOCK, ZEROS, 0, Structure.BLOCK)) {
        zeros++;
      } else {
        end();
      }
      block++;
    }
  }

  private void end() {
    if (zeros >= SHORTEST) {
      if (length == holes.length) {
        holes = Arrays.copyOf(holes, 2 * length);
      }
      holes[length++] = (int) (block - zeros);
      holes[length++] = (int) zeros;
    }
    zeros = 0;
  }
}
