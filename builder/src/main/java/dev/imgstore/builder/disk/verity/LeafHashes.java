package dev.imgstore.builder.disk.verity;

import dev.imgstore.builder.disk.Ahead;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Executor;

/**
 * Hashes a volume: cuts it into pieces of as many blocks as one block of hashes speaks of, has a
 * pool hash them, and hands the blocks of hashes on in order. What a volume leaves out is zero.
 */
final class LeafHashes implements VolumeSink {
  private static final int PIECE = Salted.FANOUT * Salted.BLOCK;

  /** Pieces in work or waiting for their turn. */
  private static final int IN_WORK = 16;

  private final Salted salted;
  private final long blocks;
  private final Taker taker;
  private final Deque<Piece> offered = new ArrayDeque<>();
  private final byte[] zeros;
  private byte[] current = new byte[0];
  private long piece;
  private long taken;

  /** Takes the blocks of hashes, in order. */
  interface Taker {
    /** Takes one, whose array is the taker's. */
    void take(long index, byte[] block) throws IOException;
  }

  /** The blocks of one block of hashes; no bytes if they are zero. */
  private final class Piece implements Ahead.Job<byte[]> {
    private final byte[] bytes;
    private final int count;

    Piece(byte[] bytes, int count) {
      this.bytes = bytes;
      this.count = count;
    }

    @Override
    public long weight() {
      return 1;
    }

    @Override
    public byte[] run() {
      if (bytes.length == 0) {
        return count == Salted.FANOUT ? zeros.clone() : salted.hashesOfZeros(count);
      }
      return salted.hashes(bytes, count);
    }
  }

  private LeafHashes(Salted salted, long blocks, Taker taker) {
    this.salted = salted;
    this.blocks = blocks;
    this.taker = taker;
    this.zeros = salted.hashesOfZeros(Salted.FANOUT);
  }

  /** Writes the volume once, and gives the hashes of all its blocks. */
  static void of(Salted salted, Volume data, Executor pool, Taker taker) throws IOException {
    LeafHashes leaves = new LeafHashes(salted, data.size() / Salted.BLOCK, taker);
    try (Ahead<byte[]> ahead = new Ahead<>(leaves.pieces(), IN_WORK, pool)) {
      data.writeTo(
          (offset, bytes, from, length) -> {
            leaves.write(offset, bytes, from, length);
            leaves.handOn(ahead);
          });
      leaves.goTo(leaves.count());
      while (ahead.hasNext()) {
        taker.take(leaves.taken++, ahead.next());
      }
    }
  }

  private Iterator<Piece> pieces() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !offered.isEmpty();
      }

      @Override
      public Piece next() {
        return offered.remove();
      }
    };
  }

  private long count() {
    return (blocks + Salted.FANOUT - 1) / Salted.FANOUT;
  }

  private void handOn(Ahead<byte[]> ahead) throws IOException {
    while (ahead.begin()) {
      taker.take(taken++, ahead.next());
    }
  }

  @Override
  public void write(long offset, byte[] bytes, int from, int length) {
    for (int done = 0; done < length; ) {
      long at = offset + done;
      goTo(at / PIECE);
      if (current.length == 0) {
        current = new byte[PIECE];
      }
      int inPiece = (int) (at % PIECE);
      int some = Math.min(length - done, PIECE - inPiece);
      System.arraycopy(bytes, from + done, current, inPiece, some);
      done += some;
    }
  }

  /** Offers what lies before this piece. */
  private void goTo(long next) {
    while (piece < next) {
      int count = (int) Math.min(Salted.FANOUT, blocks - piece * Salted.FANOUT);
      offered.add(new Piece(current, count));
      current = new byte[0];
      piece++;
    }
  }
}
