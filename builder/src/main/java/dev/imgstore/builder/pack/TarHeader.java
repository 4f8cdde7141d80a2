package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One entry's header blocks: ustar (POSIX.1-2017, pax, "ustar Interchange Format"), after a pax
 * extended header ("pax Interchange Format") if, and only if, ustar cannot say it. Our spelling is
 * fixed in {@code docs/design/06-image-bytes.md}.
 *
 * @param path with a slash at the end for a directory
 * @param link target of a link, else empty
 * @param uid and gid, size and mtime: any value; what ustar cannot hold goes into the pax header
 */
record TarHeader(
    Bytes path,
    Bytes link,
    char type,
    int mode,
    long uid,
    long gid,
    long size,
    long mtime,
    int major,
    int minor,
    SortedMap<Name, Bytes> xattrs) {
  static final int BLOCK = 512;
  static final char FILE = '0';
  static final char HARD_LINK = '1';
  static final char SYMLINK = '2';
  static final char CHARACTER_DEVICE = '3';
  static final char BLOCK_DEVICE = '4';
  static final char DIRECTORY = '5';
  static final char FIFO = '6';

  /** Most that seven and eleven octal digits hold. */
  static final long MAX_ID = 07777777L;

  static final long MAX_LONG = 077777777777L;

  /** What common readers take as one extended header. */
  static final int MAX_PAX = 1 << 20;

  private static final int NAME = 100;
  private static final int PREFIX = 155;
  private static final char PAX = 'x';
  private static final Bytes PAX_NAME = Bytes.utf8("././@PaxHeader");

  /** A header with this owner and no content, link or device. */
  static TarHeader of(Bytes path, char type, Meta meta, long mtime) {
    return new TarHeader(
        path,
        Bytes.EMPTY,
        type,
        meta.mode(),
        meta.uid(),
        meta.gid(),
        0,
        mtime,
        0,
        0,
        meta.xattrs());
  }

  TarHeader withSize(long bytes) {
    return new TarHeader(path, link, type, mode, uid, gid, bytes, mtime, major, minor, xattrs);
  }

  TarHeader withLink(Bytes target) {
    return new TarHeader(path, target, type, mode, uid, gid, size, mtime, major, minor, xattrs);
  }

  TarHeader withDevice(int majorNumber, int minorNumber) {
    return new TarHeader(
        path, link, type, mode, uid, gid, size, mtime, majorNumber, minorNumber, xattrs);
  }

  TarHeader withoutXattrs() {
    return new TarHeader(
        path, link, type, mode, uid, gid, size, mtime, major, minor, Collections.emptySortedMap());
  }

  /**
   * The blocks.
   *
   * @throws IllegalArgumentException if neither form can say it
   */
  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(BLOCK);
    SortedMap<Bytes, Bytes> records = records();
    if (!records.isEmpty()) {
      writePax(out, records);
    }
    writeUstar(out);
    return out.toByteArray();
  }

  /** What ustar cannot say, by key. */
  private SortedMap<Bytes, Bytes> records() {
    SortedMap<Bytes, Bytes> records = new TreeMap<>();
    if (path.length() > NAME && split(path) < 0) {
      records.put(Bytes.utf8("path"), path);
    }
    if (link.length() > NAME) {
      records.put(Bytes.utf8("linkpath"), link);
    }
    number(records, "uid", uid, MAX_ID);
    number(records, "gid", gid, MAX_ID);
    number(records, "size", size, MAX_LONG);
    number(records, "mtime", mtime, MAX_LONG);
    for (Map.Entry<Name, Bytes> xattr : xattrs.entrySet()) {
      ByteArrayOutputStream key = new ByteArrayOutputStream();
      key.writeBytes("SCHILY.xattr.".getBytes(StandardCharsets.US_ASCII));
      key.writeBytes(xattr.getKey().bytes().toArray());
      if (key.toString(StandardCharsets.ISO_8859_1).indexOf('=') >= 0) {
        throw new IllegalArgumentException(
            "a tar cannot hold an extended attribute with = in its name, as "
                + xattr.getKey()
                + " has; remove or rename the attribute");
      }
      records.put(Bytes.of(key.toByteArray()), xattr.getValue());
    }
    return records;
  }

  private static void number(
      SortedMap<Bytes, Bytes> records, String key, long value, long largest) {
    if (value < 0 || value > largest) {
      records.put(Bytes.utf8(key), Bytes.utf8(Long.toString(value)));
    }
  }

  private static void writePax(ByteArrayOutputStream out, SortedMap<Bytes, Bytes> records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    records.forEach((key, value) -> writeRecord(body, key, value));
    if (body.size() > MAX_PAX) {
      throw new IllegalArgumentException(
          "its extended attributes take "
              + body.size()
              + " bytes, and tar readers take at most "
              + MAX_PAX
              + "; remove some");
    }
    TarHeader.of(PAX_NAME, PAX, Meta.of(0644, 0, 0), CanonicalTar.TIME)
        .withSize(body.size())
        .writeUstar(out);
    out.writeBytes(body.toByteArray());
    out.writeBytes(new byte[padding(body.size())]);
  }

  /** {@code LENGTH KEY=VALUE\n}, where the length counts itself. */
  private static void writeRecord(ByteArrayOutputStream out, Bytes key, Bytes value) {
    int rest = key.length() + value.length() + 3;
    int length = rest + digits(rest);
    length = rest + digits(length);
    out.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(key.toArray());
    out.write('=');
    out.writeBytes(value.toArray());
    out.write('\n');
  }

  private static int digits(int value) {
    return Integer.toString(value).length();
  }

  private void writeUstar(ByteArrayOutputStream out) {
    byte[] block = new byte[BLOCK];
    writePath(block);
    octal(block, 100, 8, mode);
    octal(block, 108, 8, saturated(uid, MAX_ID));
    octal(block, 116, 8, saturated(gid, MAX_ID));
    octal(block, 124, 12, saturated(size, MAX_LONG));
    octal(block, 136, 12, saturated(mtime, MAX_LONG));
    block[156] = (byte) type;
    text(block, 157, link, Math.min(link.length(), NAME));
    System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
    octal(block, 329, 8, device(major));
    octal(block, 337, 8, device(minor));
    checksum(block);
    out.writeBytes(block);
  }

  private void writePath(byte[] block) {
    byte[] raw = path.toArray();
    int slash = raw.length > NAME ? split(path) : -1;
    if (slash >= 0) {
      System.arraycopy(raw, slash + 1, block, 0, raw.length - slash - 1);
      System.arraycopy(raw, 0, block, 345, slash);
    } else {
      text(block, 0, path, Math.min(raw.length, NAME));
      if (raw.length > NAME && block[NAME - 1] == '/') {
        block[NAME - 1] = '_';
      }
    }
  }

  /** The slash that parts ustar's prefix from its name, the leftmost that fits; -1 if none does. */
  private static int split(Bytes path) {
    int length = path.length();
    for (int i = Math.max(1, length - NAME - 1); i <= Math.min(PREFIX, length - 2); i++) {
      if (path.at(i) == '/') {
        return i;
      }
    }
    return -1;
  }

  private static void text(byte[] block, int at, Bytes value, int length) {
    System.arraycopy(value.toArray(), 0, block, at, length);
  }

  /** Octal digits that fill the field but for a NUL at its end. */
  private static void octal(byte[] block, int at, int width, long value) {
    long rest = value;
    for (int i = at + width - 2; i >= at; i--) {
      block[i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
  }

  private static long saturated(long value, long largest) {
    return value < 0 || value > largest ? largest : value;
  }

  private static long device(int number) {
    if (number > MAX_ID) {
      throw new IllegalArgumentException(
          "a tar holds device numbers to " + MAX_ID + ", and this one is " + number);
    }
    return number;
  }

  /** The sum of all bytes, the field itself counted as spaces: six digits, NUL, space. */
  private static void checksum(byte[] block) {
    int sum = 8 * ' ';
    for (byte one : block) {
      sum += one & 0xff;
    }
    octal(block, 148, 7, sum);
    block[155] = ' ';
  }

  /** Zero bytes that fill the last block of a content. */
  static int padding(long size) {
    return (int) (-size & (BLOCK - 1));
  }
}
