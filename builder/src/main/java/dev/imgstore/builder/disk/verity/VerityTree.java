package dev.imgstore.builder.disk.verity;

import dev.imgstore.builder.disk.Block;
import dev.imgstore.builder.disk.Derived;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What proves a volume: a superblock and the hashes of all its blocks, level by level, the top one
 * first, for a device of its own. Format 1, SHA-256, blocks of 4096 bytes. Safe for several
 * threads.
 */
public final class VerityTree implements Volume {
  /** Blocks of hashes of the lowest level that are kept, and not made once more to be written. */
  private static final int KEPT = (32 << 20) / Salted.BLOCK;

  private static final long VERSION = 1;
  private static final long TYPE = 1;
  private static final int ALGORITHM = 32;
  private static final int SALT = 256;
  private static final int SUPERBLOCK = 512;

  private final Digest seed;
  private final Salted salted;
  private final Volume data;
  private final Executor pool;
  private final int keep;

  /** Whole blocks: the lowest level if it is kept, then each above it; the last has one block. */
  private final List<byte[]> levels = new ArrayList<>();

  private Bytes root = Bytes.EMPTY;

  private VerityTree(Digest seed, Volume data, Executor pool, int keep) {
    this.seed = seed;
    this.salted = new Salted(Bytes.of(Derived.bytes(seed, "verity salt")));
    this.data = data;
    this.pool = pool;
    this.keep = keep;
  }

  /**
   * Writes the volume once to hash it; a volume of more than 4 GiB is written again each time its
   * tree is. Needs at most 50 MiB, and 32 bytes for each 512 KiB.
   *
   * @param seed salt and UUID are made from it
   * @param data of whole blocks of 4096 bytes, at least one
   * @param pool helps to hash; may be busy, or do nothing
   */
  public static VerityTree of(Digest seed, Volume data, Executor pool) throws IOException {
    return of(seed, data, pool, KEPT);
  }

  static VerityTree of(Digest seed, Volume data, Executor pool, int keep) throws IOException {
    if (data.size() <= 0 || data.size() % Salted.BLOCK != 0) {
      throw new IllegalArgumentException(data.size() + " bytes are not whole blocks");
    }
    VerityTree tree = new VerityTree(seed, data, pool, keep);
    tree.hash();
    return tree;
  }

  private void hash() throws IOException {
    if (dataBlocks() == 1) {
      LeafHashes.of(salted, data, pool, (i, block) -> root = Bytes.of(block, 0, Salted.HASH));
      return;
    }
    byte[] lowest = new byte[isKept() ? (int) leaves() * Salted.BLOCK : 0];
    byte[] top = new byte[Math.toIntExact(leaves() * Salted.HASH)];
    LeafHashes.of(
        salted,
        data,
        pool,
        (i, block) -> {
          System.arraycopy(salted.hash(block, 0), 0, top, (int) i * Salted.HASH, Salted.HASH);
          if (isKept()) {
            System.arraycopy(block, 0, lowest, (int) i * Salted.BLOCK, Salted.BLOCK);
          }
        });
    levels.add(lowest);
    putAbove(top);
  }

  /** The levels above the lowest, of whose blocks these are the hashes. */
  private void putAbove(byte[] hashes) {
    byte[] top = hashes;
    int count = (int) leaves();
    while (count > 1) {
      byte[] level = Salted.padded(top, count);
      levels.add(level);
      count = level.length / Salted.BLOCK;
      top = salted.above(level);
    }
    root = Bytes.of(top, 0, Salted.HASH);
  }

  private boolean isKept() {
    return leaves() <= keep;
  }

  /** Blocks of hashes of the lowest level. */
  private long leaves() {
    return (dataBlocks() + Salted.FANOUT - 1) / Salted.FANOUT;
  }

  /** Blocks that are proved. */
  public long dataBlocks() {
    return data.size() / Salted.BLOCK;
  }

  /** The 32 bytes that prove all. */
  public Bytes rootHash() {
    return root;
  }

  /** What stands before each block when it is hashed, as hexadecimal digits. */
  public String salt() {
    return HexFormat.of().formatHex(salted.salt().toArray());
  }

  @Override
  public long size() {
    long blocks = 1 + (levels.isEmpty() ? 0 : leaves());
    for (int i = 1; i < levels.size(); i++) {
      blocks += levels.get(i).length / Salted.BLOCK;
    }
    return blocks * Salted.BLOCK;
  }

  /**
   * Writes it.
   *
   * @throws IOException also if the volume gives other bytes than before
   */
  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    sink.write(0, superblock(), 0, SUPERBLOCK);
    long at = Salted.BLOCK;
    for (int i = levels.size() - 1; i > 0; i--) {
      byte[] level = levels.get(i);
      sink.write(at, level, 0, level.length);
      at += level.length;
    }
    if (levels.isEmpty()) {
      return;
    }
    if (isKept()) {
      byte[] lowest = levels.get(0);
      sink.write(at, lowest, 0, lowest.length);
    } else {
      writeLowest(at, sink);
    }
  }

  private void writeLowest(long start, VolumeSink sink) throws IOException {
    byte[] expected = levels.get(1);
    LeafHashes.of(
        salted,
        data,
        pool,
        (i, block) -> {
          Bytes before = Bytes.of(expected, (int) i * Salted.HASH, Salted.HASH);
          if (!before.equals(Bytes.of(salted.hash(block, 0)))) {
            throw new IOException("a file system gave other bytes than when it was hashed");
          }
          sink.write(start + i * Salted.BLOCK, block, 0, Salted.BLOCK);
        });
  }

  /** struct verity_sb of cryptsetup, lib/verity/verity.c. */
  private byte[] superblock() {
    Block out = Block.little(SUPERBLOCK);
    out.ascii("verity\0\0").u32(VERSION).u32(TYPE).uuid(Derived.uuid(seed, "verity"));
    int algorithm = out.position();
    out.ascii("sha256").at(algorithm + ALGORITHM);
    out.u32(Salted.BLOCK).u32(Salted.BLOCK).u64(dataBlocks());
    out.u16(salted.salt().length()).at(out.position() + 6);
    if (salted.salt().length() > SALT) {
      throw new AssertionError("a salt has at most " + SALT + " bytes");
    }
    return out.bytes(salted.salt().toArray()).array();
  }
}
