package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The body of a chunked or stitched blob, read in slices so that its length does not matter: 32
 * bytes of digest and 4 of size for each part. The size is that of the bytes which the part adds to
 * the blob. Not safe for several threads.
 */
final class PartList {
  private static final int SLICE = 1024;
  private final Located list;
  private long next;
  private ByteBuffer slice = ByteBuffer.allocate(0);

  PartList(Located list) {
    this.list = list;
  }

  /** One part; the size is not negative. */
  record Part(Digest digest, int size) {}

  long count() {
    return list.entry().stored() / Entry.PART_BYTES;
  }

  boolean hasNext() {
    return slice.hasRemaining() || next < list.entry().stored();
  }

  /**
   * Goes on to the part that has this byte of the blob.
   *
   * @param from not before the next part
   * @return where the byte is in the part that {@link #next} gives
   */
  long seek(long from) throws IOException {
    long before = from;
    while (hasNext()) {
      fill();
      int size = slice.getInt(slice.position() + Digest.BYTES);
      if (before < size || size < 0) {
        break;
      }
      before -= size;
      slice.position(slice.position() + Entry.PART_BYTES);
    }
    return before;
  }

  private void fill() throws IOException {
    if (!slice.hasRemaining()) {
      long left = list.entry().stored() - next;
      int length = (int) Math.min(left, (long) SLICE * Entry.PART_BYTES);
      if (length == 0) {
        throw list.corrupt("its list of parts is too short");
      }
      slice = ByteBuffer.wrap(list.stored(next, length));
      next += length;
    }
  }

  Part next() throws IOException {
    fill();
    byte[] raw = new byte[Digest.BYTES];
    slice.get(raw);
    int size = slice.getInt();
    if (size < 0) {
      throw list.corrupt("a part has a negative size");
    }
    return new Part(Digest.fromRaw(raw), size);
  }

  /** Collects the body of a list. */
  static final class Builder {
    private byte[] bytes = new byte[16 * Entry.PART_BYTES];
    private int length;
    private long total;

    void add(Digest digest, int size) {
      if (bytes.length - length < Entry.PART_BYTES) {
        bytes = Arrays.copyOf(bytes, Math.multiplyExact(2, bytes.length));
      }
      ByteBuffer.wrap(bytes, length, Entry.PART_BYTES).put(digest.raw()).putInt(size);
      length += Entry.PART_BYTES;
      total += size;
    }

    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }

    /** Bytes of all parts together. */
    long total() {
      return total;
    }
  }
}
