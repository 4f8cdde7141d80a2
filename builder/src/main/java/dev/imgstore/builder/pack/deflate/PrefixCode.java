package dev.imgstore.builder.pack.deflate;

import java.util.Arrays;

/**
 * A canonical prefix code of limited length (RFC 1951, 3.2.2), rebuilt for each block from how
 * often each symbol occurs.
 *
 * <p>Lengths come from Huffman's algorithm over two queues: the leaves, sorted by weight and then
 * by symbol, and the inner nodes, which appear in order of weight by themselves. When the deepest
 * leaf is too deep, all weights are halved (never below one) and the tree is built again; equal
 * weights give a balanced tree, so this ends. A code is always complete and has at least two
 * symbols, since some decoders refuse anything else. Not for use by several threads.
 */
final class PrefixCode {
  private static final int SYMBOL_BITS = 9;
  private static final int SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;

  private final int symbols;
  private final int limit;
  private final byte[] lengths;
  private final int[] codes;
  private final long[] leaves;
  private final int[] weights;
  private final int[] parents;
  private final int[] depths;

  /** A code over {@code symbols} symbols, at most 512, of at most {@code limit} bits each. */
  PrefixCode(int symbols, int limit) {
    this.symbols = symbols;
    this.limit = limit;
    lengths = new byte[symbols];
    codes = new int[symbols];
    leaves = new long[symbols];
    weights = new int[2 * symbols];
    parents = new int[2 * symbols];
    depths = new int[2 * symbols];
  }

  /** The code in which each symbol has the stated length; together they must be complete. */
  static PrefixCode ofLengths(byte[] lengths) {
    PrefixCode code = new PrefixCode(lengths.length, 15);
    System.arraycopy(lengths, 0, code.lengths, 0, lengths.length);
    code.assignCodes();
    return code;
  }

  /** Length in bits of each symbol's code; 0 for a symbol that has none. Valid until rebuilt. */
  byte[] lengths() {
    return lengths;
  }

  /**
   * For each symbol its code, first bit lowest as it goes into the stream, with the length of the
   * code from bit 24 up. Valid until rebuilt.
   */
  int[] codes() {
    return codes;
  }

  /** The bits that symbols occurring so often take in this code. */
  long cost(int[] counts) {
    long bits = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      bits += (long) counts[symbol] * lengths[symbol];
    }
    return bits;
  }

  /** Makes this the best code it finds for symbols that occur {@code counts} times. */
  void rebuild(int[] counts) {
    int used = collectLeaves(counts);
    while (measureDepths(used) > limit) {
      for (int leaf = 0; leaf < used; leaf++) {
        weights[leaf] = (weights[leaf] >> 1) | 1;
      }
    }
    Arrays.fill(lengths, (byte) 0);
    for (int leaf = 0; leaf < used; leaf++) {
      lengths[symbol(leaf)] = (byte) depths[leaf];
    }
    assignCodes();
  }

  private int collectLeaves(int[] counts) {
    int used = 0;
    for (int symbol = 0; symbol < symbols; symbol++) {
      if (counts[symbol] > 0) {
        leaves[used++] = ((long) counts[symbol] << SYMBOL_BITS) | symbol;
      }
    }
    for (int symbol = 0; used < 2; symbol++) {
      if (counts[symbol] == 0) {
        leaves[used++] = (1L << SYMBOL_BITS) | symbol;
      }
    }
    Arrays.sort(leaves, 0, used);
    for (int leaf = 0; leaf < used; leaf++) {
      weights[leaf] = (int) (leaves[leaf] >>> SYMBOL_BITS);
    }
    return used;
  }

  private int symbol(int leaf) {
    return (int) leaves[leaf] & SYMBOL_MASK;
  }

  /** Builds the tree over the first {@code used} leaves; returns the depth of the deepest. */
  private int measureDepths(int used) {
    int leaf = 0;
    int inner = used;
    int root = 2 * used - 2;
    for (int made = used; made <= root; made++) {
      int weight = 0;
      for (int child = 0; child < 2; child++) {
        boolean takeLeaf = leaf < used && (inner == made || weights[leaf] <= weights[inner]);
        int taken = takeLeaf ? leaf++ : inner++;
        parents[taken] = made;
        weight += weights[taken];
      }
      weights[made] = weight;
    }
    depths[root] = 0;
    for (int node = root - 1; node >= 0; node--) {
      depths[node] = depths[parents[node]] + 1;
    }
    return depths[0];
  }

  /** Numbers the codes of each length in order of their symbols (RFC 1951, 3.2.2). */
  private void assignCodes() {
    int[] next = new int[limit + 2];
    for (byte length : lengths) {
      if (length > 0) {
        next[length + 1]++;
      }
    }
    for (int length = 2; length <= limit; length++) {
      next[length] = (next[length] + next[length - 1]) << 1;
    }
    for (int symbol = 0; symbol < symbols; symbol++) {
      int length = lengths[symbol];
      if (length > 0) {
        int code = Integer.reverse(next[length]++) >>> (32 - length);
        codes[symbol] = code | (length << 24);
      }
    }
  }
}
