package dev.imgstore.builder.zip;

import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.model.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * What a zip archive says twice must be the same (APPNOTE.TXT 4.3.7, 4.3.16): some tools go by the
 * central directory, some by the headers before the contents, and some by the number of entries.
 */
final class ZipHeaders {
  private static final int LOCAL = 0x04034b50;
  private static final int END = 0x06054b50;
  private static final int LOCAL_HEADER = 30;
  private static final int END_RECORD = 22;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int SIZES_FOLLOW = 0x08;
  private static final long IN_ZIP64 = 0xffffffffL;

  private final String archive;
  private final StoredChannel channel;

  ZipHeaders(String archive, StoredChannel channel) {
    this.archive = archive;
    this.channel = channel;
  }

  /**
   * Requires that the end is where every tool looks for it, and counts what there is.
   *
   * @param entries found in the central directory
   */
  void checkEnd(int entries) throws IOException {
    int length = (int) Math.min(channel.size(), END_RECORD + LONGEST_COMMENT);
    ByteBuffer tail = read(channel.size() - length, length);
    int at = length - END_RECORD;
    while (at >= 0 && tail.getInt(at) != END) {
      at--;
    }
    if (at < 0) {
      throw fault("", "it has no end");
    }
    if ((tail.getShort(at + 20) & 0xffff) != length - at - END_RECORD) {
      throw fault("", "its end is not where its comment ends");
    }
    int told = tail.getShort(at + 10) & 0xffff;
    if (told != 0xffff && told != (entries & 0xffff)) {
      throw fault("", "its end tells of " + told + " entries, and it has " + entries);
    }
    if (tail.getShort(at + 8) != tail.getShort(at + 10) || tail.getShort(at + 4) > 0) {
      throw fault("", "it is one of several parts");
    }
  }

  /** Requires that the header before an entry's content says what the central directory does. */
  void checkLocal(ZipArchiveEntry entry) throws IOException {
    byte[] name = entry.getRawName();
    long offset = entry.getLocalHeaderOffset();
    ByteBuffer header = read(offset, LOCAL_HEADER);
    boolean follows = (header.getShort(6) & SIZES_FOLLOW) != 0;
    boolean same =
        header.getInt(0) == LOCAL
            && (header.getShort(6) & 1) == 0
            && header.getShort(8) == entry.getMethod()
            && (follows || Integer.toUnsignedLong(header.getInt(14)) == entry.getCrc())
            && isSize(header.getInt(18), entry.getCompressedSize(), follows)
            && isSize(header.getInt(22), entry.getSize(), follows)
            && (header.getShort(26) & 0xffff) == name.length
            && Arrays.equals(read(offset + LOCAL_HEADER, name.length).array(), name);
    if (!same) {
      throw fault(
          Bytes.of(name).text(), "its own header is not what the archive's directory says of it");
    }
  }

  private static boolean isSize(int told, long size, boolean follows) {
    long value = Integer.toUnsignedLong(told);
    return value == size || value == IN_ZIP64 || (follows && value == 0);
  }

  private ByteBuffer read(long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(at);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("it ends in the middle of a header");
      }
    }
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  private HostileArchive fault(String entry, String why) {
    return new HostileArchive(archive, entry, why);
  }
}
