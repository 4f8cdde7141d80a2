package dev.imgstore.builder.disk.fat;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A file or directory, while it is found out which clusters it gets. */
final class FatNode {
  private static final int DIRECTORY = 0x10;
  private static final int ARCHIVE = 0x20;
  private static final int VOLUME_LABEL = 0x08;
  private static final long MAX_FILE = 0xffff_ffffL;

  /** Of 32 bytes; a directory has at most 2 MiB (FAT 1.03, "FAT Directory Structure"). */
  private static final int MAX_ENTRIES = 65_536;

  /** 1 January 1980, midnight: the earliest that can be said, and the constant of all we write. */
  private static final int DATE = (1 << 5) | 1;

  private final TreePath path;
  private final Volume content;
  private final boolean directory;
  private final SortedMap<Name, FatNode> children = new TreeMap<>();
  private final Map<FatNode, LongName> longNames = new HashMap<>();
  private final Map<FatNode, ShortName> shortNames = new HashMap<>();
  private long firstCluster;

  private FatNode(TreePath path, Volume content, boolean directory) {
    this.path = path;
    this.content = content;
    this.directory = directory;
  }

  /** The root of a file system of these files, with every name found fit. */
  static FatNode root(SortedMap<TreePath, Volume> files) throws DiskException {
    FatNode root = new FatNode(TreePath.ROOT, BytesVolume.of(new byte[0]), true);
    for (Map.Entry<TreePath, Volume> file : files.entrySet()) {
      root.add(file.getKey(), file.getValue());
    }
    root.giveNames();
    return root;
  }

  private void add(TreePath file, Volume bytes) throws DiskException {
    if (bytes.size() > MAX_FILE) {
      throw new DiskException(
          "a file of a FAT file system has at most 4 GiB less one byte, and "
              + (file + " has " + bytes.size() + "; keep it elsewhere"));
    }
    FatNode at = this;
    for (Name name : file.parent().names()) {
      TreePath below = at.path.child(name);
      at =
          at.children.computeIfAbsent(
              name, n -> new FatNode(below, BytesVolume.of(new byte[0]), true));
      if (!at.directory) {
        throw new IllegalArgumentException(at.path + " is a file and holds no " + file);
      }
    }
    Name last = file.last().orElseThrow(() -> new IllegalArgumentException("the root is no file"));
    if (at.children.put(last, new FatNode(file, bytes, false)) != null) {
      throw new IllegalArgumentException(file + " is a directory");
    }
  }

  private void giveNames() throws DiskException {
    Map<String, FatNode> folded = new HashMap<>();
    for (FatNode child : children.values()) {
      LongName name = LongName.of(child.path);
      FatNode twin = folded.put(name.folded(), child);
      if (twin != null) {
        throw new DiskException(
            "a FAT file system cannot hold both "
                + twin.path
                + " and "
                + child.path
                + ", which differ in case only; give one another name");
      }
      longNames.put(child, name);
    }
    if (entries() > MAX_ENTRIES) {
      throw new DiskException(
          "a directory of a FAT file system has at most "
              + MAX_ENTRIES
              + " entries, and the names in "
              + (path + " take " + entries() + "; spread them over several"));
    }
    giveShortNames();
    for (FatNode child : children.values()) {
      child.giveNames();
    }
  }

  /**
   * Names that are short already keep theirs; the others come after them, in order. A directory has
   * fewer than there are tails.
   */
  private void giveShortNames() {
    Set<ShortName> taken = new HashSet<>();
    List<FatNode> others = new ArrayList<>();
    for (FatNode child : children.values()) {
      LongName name = longName(child);
      if (ShortName.isShort(name)) {
        taken.add(ShortName.basis(name));
        shortNames.put(child, ShortName.basis(name));
      } else {
        others.add(child);
      }
    }
    Map<ShortName, Integer> tails = new HashMap<>();
    for (FatNode child : others) {
      ShortName basis = ShortName.basis(longName(child));
      int number = tails.getOrDefault(basis, 1);
      while (!taken.add(basis.withTail(number))) {
        number++;
      }
      tails.put(basis, number + 1);
      shortNames.put(child, basis.withTail(number));
    }
  }

  private LongName longName(FatNode child) {
    return Objects.requireNonNull(longNames.get(child));
  }

  private ShortName shortName(FatNode child) {
    return Objects.requireNonNull(shortNames.get(child));
  }

  /** This node and all below, each directory before what is in it, in order of names. */
  List<FatNode> all() {
    List<FatNode> all = new ArrayList<>();
    collect(all);
    return all;
  }

  private void collect(List<FatNode> all) {
    all.add(this);
    children.values().forEach(child -> child.collect(all));
  }

  private long entryBytes() {
    return entries() * LongName.ENTRY;
  }

  private long entries() {
    long entries = path.isRoot() ? 1 : 2;
    for (FatNode child : children.values()) {
      LongName name = longName(child);
      entries += ShortName.isShort(name) ? 1 : 1 + name.entries();
    }
    return entries;
  }

  /** How many clusters of this many bytes it takes; none for an empty file. */
  long clusters(long clusterBytes) {
    long bytes = directory ? entryBytes() : content.size();
    return (bytes + clusterBytes - 1) / clusterBytes;
  }

  void placeAt(long cluster) {
    firstCluster = cluster;
  }

  /** The bytes to be put into the clusters. */
  Volume bytes(FatNode parent, String label) {
    if (!directory) {
      return content;
    }
    Block out = Block.little((int) entryBytes());
    if (path.isRoot()) {
      putEntry(out, label.getBytes(StandardCharsets.US_ASCII), VOLUME_LABEL, 0, 0);
    } else {
      putEntry(out, dots("."), DIRECTORY, firstCluster, 0);
      putEntry(out, dots(".."), DIRECTORY, parent.path.isRoot() ? 0 : parent.firstCluster, 0);
    }
    for (FatNode child : children.values()) {
      LongName name = longName(child);
      if (!ShortName.isShort(name)) {
        name.put(out, shortName(child));
      }
      int attribute = child.directory ? DIRECTORY : ARCHIVE;
      putEntry(out, shortName(child).bytes(), attribute, child.firstCluster, child.content.size());
    }
    return BytesVolume.of(out.array());
  }

  private static byte[] dots(String dots) {
    return new ShortName(dots + " ".repeat(11 - dots.length())).bytes();
  }

  /** FAT 1.03, "FAT 32 Byte Directory Entry Structure". */
  private static void putEntry(Block out, byte[] name, int attribute, long cluster, long size) {
    out.bytes(name).u8(attribute).u8(0).u8(0).u16(0).u16(DATE).u16(DATE);
    out.u16((int) (cluster >>> 16)).u16(0).u16(DATE).u16((int) (cluster & 0xffff)).u32(size);
  }

  /** The directory this is in; the root's is itself. */
  TreePath parentPath() {
    return path.parent();
  }

  TreePath path() {
    return path;
  }
}
