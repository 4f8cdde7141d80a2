package dev.imgstore.builder.zip;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Zip archives byte by byte, right or wrong. */
public final class ZipBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<byte[]> directory = new ArrayList<>();

  /** What the headers of an entry say; changed before it is added. */
  public static final class Entry {
    byte[] name;
    byte[] content;
    int mode;
    int flags;
    int method;
    int platform = 3;
    long crc;
    long size;
    long packedSize;
    byte[] data;
    byte[] extra = {};
    long offset = -1;

    Entry(String name, byte[] content, int mode) {
      this.name = name.getBytes(StandardCharsets.ISO_8859_1);
      this.content = content;
      this.mode = mode;
      CRC32 sum = new CRC32();
      sum.update(content);
      crc = sum.getValue();
      size = content.length;
      data = content;
      packedSize = content.length;
    }

    Entry deflated() {
      Deflater deflater = new Deflater(9, true);
      deflater.setInput(content);
      deflater.finish();
      byte[] buffer = new byte[content.length + 100];
      int length = deflater.deflate(buffer);
      data = Arrays.copyOf(buffer, length);
      deflater.end();
      method = 8;
      packedSize = data.length;
      return this;
    }
  }

  /** A file. */
  public static Entry file(String name, String content) {
    return new Entry(name, content.getBytes(StandardCharsets.UTF_8), 0100644);
  }

  /** Adds a file. */
  public ZipBytes with(String name, String content) {
    return with(file(name, content));
  }

  /** Adds an entry. */
  public ZipBytes with(Entry entry) {
    long offset = entry.offset < 0 ? out.size() : entry.offset;
    if (entry.offset < 0) {
      ByteBuffer local = buffer(30);
      local.putInt(0x04034b50).putShort((short) 20);
      common(local, entry);
      local.putShort((short) 0);
      out.writeBytes(bytes(local));
      out.writeBytes(entry.name);
      out.writeBytes(entry.data);
    }
    ByteBuffer central = buffer(46 + entry.name.length + entry.extra.length);
    central.putInt(0x02014b50).putShort((short) (entry.platform << 8 | 20)).putShort((short) 20);
    common(central, entry);
    central.putShort((short) entry.extra.length).putShort((short) 0).putShort((short) 0);
    central.putShort((short) 0).putInt(entry.mode << 16).putInt((int) offset);
    central.put(entry.name).put(entry.extra);
    directory.add(bytes(central));
    return this;
  }

  private static byte[] bytes(ByteBuffer full) {
    byte[] bytes = new byte[full.flip().remaining()];
    full.get(bytes);
    return bytes;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void common(ByteBuffer target, Entry entry) {
    target.putShort((short) entry.flags).putShort((short) entry.method).putInt(0);
    target.putInt((int) entry.crc).putInt((int) entry.packedSize).putInt((int) entry.size);
    target.putShort((short) entry.name.length);
  }

  /** The archive with its directory. */
  public byte[] end() {
    int start = out.size();
    directory.forEach(out::writeBytes);
    ByteBuffer end = buffer(22);
    end.putInt(0x06054b50).putInt(0).putShort((short) directory.size());
    end.putShort((short) directory.size()).putInt(out.size() - start).putInt(start);
    end.putShort((short) 0);
    out.writeBytes(bytes(end));
    return out.toByteArray();
  }
}
