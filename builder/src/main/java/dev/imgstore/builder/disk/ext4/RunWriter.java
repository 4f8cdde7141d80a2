package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.VolumeSink;
import java.io.IOException;

/**
 * Puts the bytes of an inode, which come in order, where its extents say; what lies in holes is
 * left out.
 */
final class RunWriter {
  private final int[] extents;
  private final GroupWriter groups;
  private final BlockOutput out;
  private long at;
  private int extent;

  RunWriter(Inode inode, GroupWriter groups, BlockOutput out) {
    this.extents = inode.extents;
    this.groups = groups;
    this.out = out;
  }

  /** The next bytes, which are copied. */
  void write(byte[] bytes) throws IOException {
    put(bytes, 0, bytes.length, out::write);
  }

  /** The next bytes, which stay as they are until the output gives them back. */
  void lend(ReadAhead.Piece piece) throws IOException {
    put(piece.bytes(), piece.from(), piece.length(), out::lend);
  }

  /** Only the last bytes may end inside a block. */
  private void put(byte[] bytes, int from, int length, VolumeSink sink) throws IOException {
    int done = 0;
    while (done < length && extent < extents.length) {
      long start = Integer.toUnsignedLong(extents[extent]) * Structure.BLOCK;
      long end = start + Integer.toUnsignedLong(extents[extent + 1]) * Structure.BLOCK;
      if (at < start) {
        int hole = (int) Math.min(length - done, start - at);
        at += hole;
        done += hole;
      } else if (at == end) {
        extent += 3;
      } else {
        int some = (int) Math.min(length - done, end - at);
        long block = Integer.toUnsignedLong(extents[extent + 2]);
        groups.before(block);
        sink.write(block * Structure.BLOCK + at - start, bytes, from + done, some);
        at += some;
        done += some;
      }
    }
  }
}
