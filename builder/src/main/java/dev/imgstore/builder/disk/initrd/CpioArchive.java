package dev.imgstore.builder.disk.initrd;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.Volume;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A cpio as Linux unpacks it at start (Documentation/driver-api/early-userspace/buffer-format,
 * "newc"): entries in order of names, each directory before what is in it, owner 0, one constant
 * time, inodes numbered from 1.
 */
final class CpioArchive {
  private static final int DIRECTORY = 0040000;
  private static final int FILE = 0100000;
  private static final int LINK = 0120000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int PERMISSIONS = 07777;
  private static final long TIME = 315_532_800;
  private static final int ALIGNMENT = 4;
  private static final String END = "TRAILER!!!";

  private final SortedMap<String, Entry> entries = new TreeMap<>();

  private record Entry(int mode, Volume content, int major, int minor) {}

  CpioArchive directory(String path, int mode) {
    return add(path, DIRECTORY | (mode & PERMISSIONS), BytesVolume.of(new byte[0]), 0, 0);
  }

  CpioArchive file(String path, int mode, Volume content) {
    return add(path, FILE | (mode & PERMISSIONS), content, 0, 0);
  }

  /** A file that can be run, and the directories it is in. */
  CpioArchive program(String path, Volume content) {
    for (int end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      directory(path.substring(0, end), 0755);
    }
    return file(path, 0755, content);
  }

  CpioArchive link(String path, String target) {
    byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
    return add(path, LINK | 0777, BytesVolume.of(bytes), 0, 0);
  }

  CpioArchive characterDevice(String path, int mode, int major, int minor) {
    int all = CHARACTER_DEVICE | (mode & PERMISSIONS);
    return add(path, all, BytesVolume.of(new byte[0]), major, minor);
  }

  private CpioArchive add(String path, int mode, Volume content, int major, int minor) {
    if (content.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(path + " is too large for a cpio");
    }
    entries.put(path, new Entry(mode, content, major, minor));
    return this;
  }

  /** The whole archive. */
  Volume volume() {
    List<CompositeVolume.Part> parts = new ArrayList<>();
    long at = 0;
    int inode = 1;
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      byte[] header = header(entry.getKey(), entry.getValue(), inode++, TIME);
      parts.add(new CompositeVolume.Part(at, BytesVolume.of(header)));
      at += header.length;
      parts.add(new CompositeVolume.Part(at, entry.getValue().content()));
      at = aligned(at + entry.getValue().content().size());
    }
    byte[] end = header(END, new Entry(0, BytesVolume.of(new byte[0]), 0, 0), 0, 0);
    parts.add(new CompositeVolume.Part(at, BytesVolume.of(end)));
    return CompositeVolume.of(at + end.length, parts);
  }

  private static byte[] header(String path, Entry entry, int inode, long time) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int links = (entry.mode() & 0170000) == DIRECTORY ? 2 : 1;
    StringBuilder fields = new StringBuilder("070701");
    for (long field :
        new long[] {
          inode,
          entry.mode(),
          0,
          0,
          links,
          time,
          entry.content().size(),
          0,
          0,
          entry.major(),
          entry.minor(),
          name.length + 1,
          0
        }) {
      String digits = Long.toHexString(field);
      fields.append("0".repeat(8 - digits.length())).append(digits);
    }
    byte[] header = new byte[(int) aligned(fields.length() + name.length + 1)];
    byte[] numbers = fields.toString().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(numbers, 0, header, 0, numbers.length);
    System.arraycopy(name, 0, header, numbers.length, name.length);
    return header;
  }

  private static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
