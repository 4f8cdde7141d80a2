package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory's entries between planning and writing, as few bytes. When they take too many in all,
 * the others are read from the store again.
 */
final class KeptNames {
  /** Bytes kept in all. */
  private static final int MOST = 16 << 20;

  private static final int BESIDE_NAME = 6;

  private int room = MOST;

  /** The entries packed; empty if there is no room any more. */
  Bytes keep(List<DirectoryBlocks.Entry> entries) {
    int size = 0;
    for (DirectoryBlocks.Entry each : entries) {
      size += BESIDE_NAME + each.name().length();
      if (size > room) {
        return Bytes.EMPTY;
      }
    }
    room -= size;
    byte[] packed = new byte[size];
    ByteBuffer out = ByteBuffer.wrap(packed);
    for (DirectoryBlocks.Entry each : entries) {
      out.putInt(each.inode()).put((byte) each.type()).put((byte) each.name().length());
      out.put(each.name().toArray());
    }
    return Bytes.of(packed);
  }

  /** The entries again. */
  static List<DirectoryBlocks.Entry> unpack(Bytes packed) {
    List<DirectoryBlocks.Entry> entries = new ArrayList<>();
    byte[] bytes = packed.toArray();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.hasRemaining()) {
      int inode = in.getInt();
      int type = in.get();
      int length = in.get() & 0xff;
      Bytes name = Bytes.of(bytes, in.position(), length);
      in.position(in.position() + length);
      entries.add(new DirectoryBlocks.Entry(name, inode, type));
    }
    return entries;
  }
}
