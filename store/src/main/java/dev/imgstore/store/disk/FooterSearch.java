package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Finds a digest among the sorted entries of a footer: in memory by halving; in a file by guessing,
 * since digests are spread evenly, and by halving wherever a guess was poor. Not safe for several
 * threads.
 */
final class FooterSearch {
  private static final int BLOCK = 64;

  /** After so many guesses in a row the digests are not spread evenly. */
  private static final int POOR = 4;

  private final Source source;
  private final int count;
  private ByteBuffer block;
  private int blockFrom;
  private int blockTo;

  /** Reads bytes of a file. */
  interface Source {
    ByteBuffer read(long offset, int length) throws IOException;
  }

  /** Among entries in memory. */
  FooterSearch(ByteBuffer entries, int count) {
    this.source = (offset, length) -> entries.slice((int) offset, length);
    this.count = count;
    this.block = entries;
    this.blockTo = count;
  }

  /** Among the entries of a file. */
  FooterSearch(Source file, SegmentFormat.Trailer trailer) {
    this.source = (offset, length) -> file.read(trailer.footerOffset() + offset, length);
    this.count = trailer.count();
    this.block = ByteBuffer.allocate(0);
  }

  /** The first entry whose digest is not before this one; the number of entries if none is. */
  int first(ByteBuffer digest) throws IOException {
    int low = 0;
    int high = count;
    double wanted = share(digest, 0);
    int known = 0;
    double knownShare = 0;
    for (int step = 1; high - low > BLOCK && blockTo - blockFrom < count; step++) {
      int guess = known + (int) ((wanted - knownShare) * count);
      int at = step % POOR == 0 ? (low + high) >>> 1 : guess;
      load(Math.max(low, Math.min(at - BLOCK / 2, high - BLOCK)));
      known = blockFrom;
      knownShare = share(block, 0);
      if (compare(blockFrom, digest) >= 0) {
        high = blockFrom;
      } else if (compare(blockTo - 1, digest) < 0) {
        low = blockTo;
      } else {
        low = blockFrom + 1;
        high = blockTo - 1;
      }
    }
    if (low < high && (low < blockFrom || high > blockTo)) {
      load(low);
    }
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(middle, digest) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How much of all digests comes before this one. */
  private static double share(ByteBuffer digest, int at) {
    return (digest.getLong(at) >>> 1) / (double) Long.MAX_VALUE;
  }

  private void load(int from) throws IOException {
    int to = Math.min(from + BLOCK, count);
    block = source.read((long) from * Entry.BYTES, (to - from) * Entry.BYTES);
    blockFrom = from;
    blockTo = to;
  }

  private int position(int index) throws IOException {
    if (index < blockFrom || index >= blockTo) {
      load(index);
    }
    return (index - blockFrom) * Entry.BYTES;
  }

  /** True if the entry is of this digest. */
  boolean isAt(int index, ByteBuffer digest) throws IOException {
    return compare(index, digest) == 0;
  }

  /** The bytes of an entry. */
  ByteBuffer entry(int index) throws IOException {
    return block.slice(position(index), Entry.BYTES);
  }

  /** The digest of entry {@code index} against {@code digest}, as unsigned bytes. */
  private int compare(int index, ByteBuffer digest) throws IOException {
    int at = position(index);
    for (int i = 0; i < Digest.BYTES; i += Long.BYTES) {
      int order = Long.compareUnsigned(block.getLong(at + i), digest.getLong(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
