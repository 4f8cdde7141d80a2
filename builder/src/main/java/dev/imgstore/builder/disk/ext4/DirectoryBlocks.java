package dev.imgstore.builder.disk.ext4;

import dev.imgstore.model.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The blocks of one directory (Documentation/filesystems/ext4/directory.rst): one that lists its
 * entries, or, where they need more, a hashed one: a root, blocks of the index if the root is too
 * small, and blocks of entries in order of their hashes.
 */
final class DirectoryBlocks {
  /** One name. */
  record Entry(Bytes name, int inode, int type) {}

  /** Takes the blocks in order; the array is used again. */
  interface Blocks {
    void next(byte[] block) throws IOException;
  }

  private static final int HEADER = 8;
  private static final int DOT = 12;

  /** Bytes of what ends a block of entries, with its checksum. */
  private static final int TAIL = 12;

  private static final int END = Structure.BLOCK - TAIL;
  private static final int TAIL_TYPE = 0xDE;
  private static final int INDEX_ENTRY = 8;
  private static final int ROOT_INDEX = 32;
  private static final int NODE_INDEX = 8;
  private static final int ROOT_LIMIT = (Structure.BLOCK - ROOT_INDEX - 8) / INDEX_ENTRY;
  private static final int NODE_LIMIT = (Structure.BLOCK - NODE_INDEX - 8) / INDEX_ENTRY;
  private static final int DIRECTORY = 2;

  /** A directory has at most so many blocks of entries. */
  static final int MOST_LEAVES = ROOT_LIMIT * NODE_LIMIT;

  private final List<Entry> entries;
  private final long[] order;
  private final int[] leaves;

  private DirectoryBlocks(List<Entry> entries, long[] order, int[] leaves) {
    this.entries = entries;
    this.order = order;
    this.leaves = leaves;
  }

  /** The layout of a directory; numbers of inodes need not be known yet. */
  static DirectoryBlocks of(List<Entry> entries, NameHash hash) {
    int all = 2 * DOT;
    for (Entry each : entries) {
      all += size(each);
      if (all > END) {
        return hashed(entries, hash);
      }
    }
    return new DirectoryBlocks(entries, new long[0], new int[0]);
  }

  private static DirectoryBlocks hashed(List<Entry> entries, NameHash hash) {
    long[] order = new long[entries.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] =
          Integer.toUnsignedLong(hash.of(entries.get(i).name())) << 31
              | i; // 63 bits, since the hash is even
    }
    Arrays.sort(order);
    int[] leaves = new int[16];
    int count = 0;
    int room = 0;
    for (int i = 0; i < order.length; i++) {
      int size = size(entries.get(index(order[i])));
      if (size > room) {
        leaves = count == leaves.length ? Arrays.copyOf(leaves, 2 * count) : leaves;
        leaves[count++] = i;
        room = END;
      }
      room -= size;
    }
    return new DirectoryBlocks(entries, order, Arrays.copyOf(leaves, count));
  }

  private static int size(Entry entry) {
    return HEADER + Attribute.rounded(entry.name().length());
  }

  private static int index(long ordered) {
    return (int) ordered & Integer.MAX_VALUE;
  }

  /** Blocks of entries beyond {@link #MOST_LEAVES} cannot be found. */
  boolean isTooLarge() {
    return leaves.length > MOST_LEAVES;
  }

  /** All blocks. */
  int count() {
    return 1 + nodes() + leaves.length;
  }

  private int nodes() {
    return leaves.length <= ROOT_LIMIT ? 0 : (leaves.length + NODE_LIMIT - 1) / NODE_LIMIT;
  }

  /** Gives all blocks; {@code seed} is the directory's inode's. */
  void write(int self, int parent, int seed, Blocks out) throws IOException {
    byte[] block = new byte[Structure.BLOCK];
    ByteBuffer at = Structure.wrap(block);
    put(at, new Entry(Bytes.utf8("."), self, DIRECTORY), DOT);
    if (leaves.length == 0) {
      put(at, new Entry(Bytes.utf8(".."), parent, DIRECTORY), entries.isEmpty() ? END - DOT : DOT);
      for (int i = 0; i < entries.size(); i++) {
        put(
            at,
            entries.get(i),
            i == entries.size() - 1 ? END - at.position() : size(entries.get(i)));
      }
      tail(at, seed);
      out.next(block);
      return;
    }
    put(at, new Entry(Bytes.utf8(".."), parent, DIRECTORY), Structure.BLOCK - DOT);
    writeIndex(at, seed, out);
    for (int leaf = 0; leaf < leaves.length; leaf++) {
      Arrays.fill(block, (byte) 0);
      at.clear();
      int end = leaf == leaves.length - 1 ? order.length : leaves[leaf + 1];
      for (int i = leaves[leaf]; i < end; i++) {
        Entry entry = entries.get(index(order[i]));
        put(at, entry, i == end - 1 ? END - at.position() : size(entry));
      }
      tail(at, seed);
      out.next(block);
    }
  }

  /** An empty directory of several blocks. */
  static void writeEmpty(int count, int self, int parent, int seed, Blocks out) throws IOException {
    new DirectoryBlocks(List.of(), new long[0], new int[0]).write(self, parent, seed, out);
    ByteBuffer empty = Structure.allocate(Structure.BLOCK);
    tail(empty.putShort(4, (short) END), seed);
    for (int i = 1; i < count; i++) {
      out.next(Structure.array(empty));
    }
  }

  private static void put(ByteBuffer at, Entry entry, int length) {
    int start = at.position();
    at.putInt(entry.inode())
        .putShort((short) length)
        .put((byte) entry.name().length())
        .put((byte) entry.type());
    at.put(entry.name().toArray()).position(start + length);
  }

  private static void tail(ByteBuffer block, int seed) {
    block.putShort(END + 4, (short) TAIL).put(END + 7, (byte) TAIL_TYPE);
    block.putInt(END + 8, Crc32c.of(seed, Structure.array(block), 0, END));
  }

  /** The root, in which both dots are already, and the blocks of the index. */
  private void writeIndex(ByteBuffer root, int seed, Blocks out) throws IOException {
    int nodes = nodes();
    root.put(0x1C, (byte) NameHash.HALF_MD4)
        .put(0x1D, (byte) 8)
        .put(0x1E, (byte) (nodes == 0 ? 0 : 1));
    int count = nodes == 0 ? leaves.length : nodes;
    int first = 1 + nodes;
    for (int i = 0; i < count; i++) {
      index(root, ROOT_INDEX, i, nodes == 0 ? i : i * NODE_LIMIT, nodes == 0 ? first + i : 1 + i);
    }
    seal(root, ROOT_INDEX, ROOT_LIMIT, count, seed);
    out.next(Structure.array(root));
    for (int node = 0; node < nodes; node++) {
      ByteBuffer block = Structure.allocate(Structure.BLOCK).putShort(4, (short) Structure.BLOCK);
      int from = node * NODE_LIMIT;
      int some = Math.min(NODE_LIMIT, leaves.length - from);
      for (int i = 0; i < some; i++) {
        index(block, NODE_INDEX, i, from + i, first + from + i);
      }
      seal(block, NODE_INDEX, NODE_LIMIT, some, seed);
      out.next(Structure.array(block));
    }
  }

  /** The first entry has no hash: there the numbers of entries stand. */
  private void index(ByteBuffer block, int start, int i, int leaf, int target) {
    if (i > 0) {
      block.putInt(start + i * INDEX_ENTRY, firstHash(leaf));
    }
    block.putInt(start + i * INDEX_ENTRY + 4, target);
  }

  /** The hash of a leaf's first name, odd if the leaf before has names of the same hash. */
  private int firstHash(int leaf) {
    long hash = order[leaves[leaf]] >>> 31;
    boolean goesOn = leaf > 0 && order[leaves[leaf] - 1] >>> 31 == hash;
    return (int) hash | (goesOn ? 1 : 0);
  }

  private static void seal(ByteBuffer block, int start, int limit, int count, int seed) {
    block.putShort(start, (short) limit).putShort(start + 2, (short) count);
    int tail = start + limit * INDEX_ENTRY;
    int checksum = Crc32c.of(seed, Structure.array(block), 0, start + count * INDEX_ENTRY);
    block.putInt(tail + 4, Crc32c.of(checksum, Structure.array(block), tail, 8));
  }
}
