package dev.imgstore.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Bodies of one segment, read in long pieces: when they are asked for in the order in which they
 * lie, the file is read once. Not safe for several threads.
 */
final class Slab {
  private final Filesystem.Window window;
  private final long end;
  private final byte[] bytes;
  private long from;
  private long to;

  /**
   * Of a file whose bodies end at {@code end}.
   *
   * @param bytes room for a piece; a body that is longer cannot be read so
   */
  Slab(Filesystem.Window window, long end, byte[] bytes) {
    this.window = window;
    this.end = end;
    this.bytes = bytes;
  }

  /** False for a body that is longer than the room. */
  boolean takes(Entry entry) {
    return entry.stored() <= bytes.length;
  }

  /** Where in the room the body lies, until the next call. */
  int at(Entry entry) throws IOException {
    if (entry.offset() < from || entry.offset() + entry.stored() > to) {
      from = entry.offset();
      to = Math.min(from + bytes.length, end);
      window.read(from, ByteBuffer.wrap(bytes, 0, (int) (to - from)));
    }
    return (int) (entry.offset() - from);
  }

  /** True if the body has the checksum of its entry. */
  boolean isGood(Entry entry) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at(entry), (int) entry.stored());
    return (int) crc.getValue() == entry.crc();
  }
}
