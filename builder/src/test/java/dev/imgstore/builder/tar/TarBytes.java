package dev.imgstore.builder.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Makes tar archives for tests, sound or not, one header at a time. */
public final class TarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A regular file. */
  public TarBytes file(String name, String content) {
    return entry('0', name, "", content.getBytes(StandardCharsets.UTF_8));
  }

  /** A directory. */
  public TarBytes directory(String name) {
    return entry('5', name, "", new byte[0]);
  }

  /** A symbolic link. */
  public TarBytes symlink(String name, String target) {
    return entry('2', name, target, new byte[0]);
  }

  /** A hard link. */
  public TarBytes hardLink(String name, String target) {
    return entry('1', name, target, new byte[0]);
  }

  /** An extended header of these records. */
  public TarBytes pax(char type, byte[]... records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] record : records) {
      body.writeBytes(record);
    }
    return entry(type, "pax", "", body.toByteArray());
  }

  /** {@code length key=value}. */
  public static byte[] record(String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + 1;
    while (length != rest + Integer.toString(length).length()) {
      length++;
    }
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.UTF_8));
    record.writeBytes(value);
    record.write('\n');
    return record.toByteArray();
  }

  /** Any entry: 0644, or 0755 for directories, owned by root. */
  public TarBytes entry(char type, String name, String link, byte[] content) {
    byte[] header = header(type, name, link, content.length);
    return raw(sum(header)).raw(padded(content));
  }

  /** Bytes as they are. */
  public TarBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** The archive with its end. */
  public byte[] end() {
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }

  /** What was written so far, without an end. */
  public byte[] open() {
    return out.toByteArray();
  }

  /** A header without its checksum. */
  public static byte[] header(char type, String name, String link, long size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, type == '5' ? "0000755" : "0000644");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, String.format("%011o", size));
    put(header, 136, "00000000000");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar");
    put(header, 263, "00");
    return header;
  }

  /** Writes text into a header. */
  public static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** Fills in the checksum. */
  public static byte[] sum(byte[] header) {
    int sum = 8 * ' ';
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? 0 : header[i] & 0xff;
    }
    put(header, 148, String.format("%06o", sum) + "\0 ");
    return header;
  }

  private static byte[] padded(byte[] content) {
    return java.util.Arrays.copyOf(content, (content.length + 511) / 512 * 512);
  }
}
