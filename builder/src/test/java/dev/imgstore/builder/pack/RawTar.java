package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads a tar by the letter of POSIX, byte names and all, back into entries; strict. */
final class RawTar {
  final SortedMap<TreePath, Node> entries = new TreeMap<>();
  final SortedMap<TreePath, Long> times = new TreeMap<>();
  private final byte[] tar;
  private int at;
  private Map<String, byte[]> pax = new HashMap<>();

  RawTar(byte[] tar) {
    this.tar = tar;
    while (tar[at] != 0) {
      entry();
    }
    if (tar.length - at != 1024 || !Arrays.equals(new byte[1024], 0, 1024, tar, at, tar.length)) {
      throw new IllegalArgumentException("the tar does not end with two zero blocks");
    }
  }

  private void entry() {
    int head = at;
    checksum(head);
    char type = (char) tar[head + 156];
    long size = pax.containsKey("size") ? number("size") : octal(head + 124, 12);
    byte[] body = Arrays.copyOfRange(tar, head + 512, head + 512 + (int) size);
    at = head + 512 + (int) ((size + 511) / 512 * 512);
    if (type == 'x') {
      readPax(body);
      return;
    }
    String prefix = text(head + 345, 155);
    String name = (prefix.isEmpty() ? "" : prefix + "/") + text(head, 100);
    byte[] path = pax.getOrDefault("path", name.getBytes(StandardCharsets.ISO_8859_1));
    byte[] link =
        pax.getOrDefault("linkpath", text(head + 157, 100).getBytes(StandardCharsets.ISO_8859_1));
    if ((type == '5') != (path[path.length - 1] == '/')) {
      throw new IllegalArgumentException("only directories end in a slash");
    }
    long uid = pax.containsKey("uid") ? number("uid") : octal(head + 108, 8);
    long gid = pax.containsKey("gid") ? number("gid") : octal(head + 116, 8);
    Meta meta = new Meta((int) octal(head + 100, 8), (int) uid, (int) gid, xattrs());
    add(TreePath.parse(Bytes.of(path)), type, body, Bytes.of(link), meta, head);
    pax = new HashMap<>();
  }

  private void add(TreePath path, char type, byte[] body, Bytes link, Meta meta, int head) {
    int major = (int) octal(head + 329, 8);
    int minor = (int) octal(head + 337, 8);
    long time = pax.containsKey("mtime") ? number("mtime") : octal(head + 136, 12);
    if (time != CanonicalTar.TIME) {
      times.put(path, time);
    }
    Node node =
        switch (type) {
          case '0' -> new Node.File(Digest.of(body), body.length, meta);
          case '1' -> linked(TreePath.parse(link));
          case '2' -> new Node.Symlink(link, meta);
          case '3', '4' -> new Node.Device(major, minor, type == '4', meta);
          case '5' -> new Node.Directory(RandomTrees.NOTHING, meta);
          case '6' -> new Node.Fifo(meta);
          default -> throw new IllegalArgumentException("type " + type);
        };
    if (entries.put(path, node) != null) {
      throw new IllegalArgumentException(path + " comes twice");
    }
  }

  private Node linked(TreePath first) {
    Node.File file = (Node.File) entries.get(first);
    if (file == null) {
      throw new IllegalArgumentException("a link to nothing: " + first);
    }
    Node.File grouped =
        new Node.File(file.content(), file.size(), LinkGroups.of(first), file.meta());
    entries.put(first, grouped);
    return grouped;
  }

  private SortedMap<Name, Bytes> xattrs() {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    pax.forEach(
        (key, value) -> {
          if (key.startsWith("SCHILY.xattr.")) {
            byte[] name = key.substring(13).getBytes(StandardCharsets.ISO_8859_1);
            xattrs.put(new Name(Bytes.of(name)), Bytes.of(value));
          }
        });
    return xattrs;
  }

  private void readPax(byte[] body) {
    int start = 0;
    String previous = "";
    while (start < body.length) {
      int space = start;
      while (body[space] != ' ') {
        space++;
      }
      int length =
          Integer.parseInt(new String(body, start, space - start, StandardCharsets.US_ASCII));
      int equals = space;
      while (body[equals] != '=') {
        equals++;
      }
      String key = new String(body, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
      if (body[start + length - 1] != '\n' || key.compareTo(previous) <= 0) {
        throw new IllegalArgumentException("pax record " + key);
      }
      pax.put(key, Arrays.copyOfRange(body, equals + 1, start + length - 1));
      previous = key;
      start += length;
    }
  }

  private long number(String key) {
    byte[] value = pax.getOrDefault(key, new byte[0]);
    return Long.parseLong(new String(value, StandardCharsets.US_ASCII));
  }

  private long octal(int from, int width) {
    return Long.parseLong(new String(tar, from, width - 1, StandardCharsets.US_ASCII), 8);
  }

  private String text(int from, int width) {
    int end = from;
    while (end < from + width && tar[end] != 0) {
      end++;
    }
    return new String(tar, from, end - from, StandardCharsets.ISO_8859_1);
  }

  private void checksum(int head) {
    int sum = 0;
    for (int i = head; i < head + 512; i++) {
      sum += i >= head + 148 && i < head + 156 ? ' ' : tar[i] & 0xff;
    }
    if (sum != octal(head + 148, 7)) {
      throw new IllegalArgumentException("checksum at " + head);
    }
  }
}
